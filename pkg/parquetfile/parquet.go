// Package parquetfile reads the columns of a Parquet file as package columns reads
// those of a CSV. It is a package of its own because the Parquet library is built
// from packages that can reach the network (HTTP for one of its compressions):
// only cmd imports it, so that no package that computes or prints is built from
// them.
package parquetfile

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/parquet-go/parquet-go"

	"github.com/keynest/keynest/pkg/columns"
)

const (
	batchRows  = 16 << 10 // rows of a batch of Parquet
	batchAhead = 8        // batches of a row group that are decoded ahead
)

// Open begins a table in Parquet of size bytes; file is its name for messages.
// Its columns are flat; groups and lists cannot be read. A file that is not whole
// is a *columns.Error.
func Open(file string, in io.ReaderAt, size int64) (*columns.Reader, error) {
	f, err := parquet.OpenFile(in, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true), parquet.ReadBufferSize(256<<10))
	if err != nil {
		return nil, &columns.Error{File: file, Words: "this is not a complete Parquet file: " + oneLine(err)}
	}
	var head []string
	for _, c := range f.Root().Columns() {
		head = append(head, c.Name())
	}
	return columns.NewReader(file, head, newSource(file, f)), nil
}

// oneLine keeps what a library says about a broken file on one line.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// source decodes several row groups at once, each a few batches ahead.
type source struct {
	name    string // of the file, for messages
	file    *parquet.File
	leaves  []leaf
	groups  []chan decoded
	ahead   chan struct{} // one for each row group that is begun and not yet read
	current int
	row     int64
	begun   bool
	done    chan struct{}
	once    sync.Once
	wait    sync.WaitGroup
	spare   sync.Pool
}

func newSource(name string, file *parquet.File) *source {
	return &source{name: name, file: file, done: make(chan struct{})}
}

type decoded struct {
	batch *columns.Batch
	err   error
}

// Flat implements columns.Source.
func (p *source) Flat(column string) bool { return isFlat(p.file.Root().Column(column)) }

// Next implements columns.Source.
func (p *source) Next(want []columns.Column) (*columns.Batch, error) {
	if !p.begun {
		if err := p.begin(want); err != nil {
			return nil, err
		}
	}
	for p.current < len(p.groups) {
		d, ok := <-p.groups[p.current]
		if !ok {
			p.current++
			<-p.ahead
			continue
		}
		if d.err != nil {
			return nil, p.failed(d.err)
		}
		d.batch.First = p.row + 1
		p.row += int64(d.batch.Rows)
		return d.batch, nil
	}
	return nil, io.EOF
}

// failed gives an error its row.
func (p *source) failed(err error) error {
	var cell *cellError
	if errors.As(err, &cell) {
		return &columns.CellError{Row: p.row + int64(cell.row) + 1, Column: cell.column, Words: cell.words}
	}
	return &columns.Error{File: p.name, Words: "the file is damaged: " + oneLine(err)}
}

// cellError is a columns.CellError by its row in the batch, from 0.
type cellError struct {
	row    int
	column string
	words  string
}

func (e *cellError) Error() string { return e.words }

func (p *source) begin(want []columns.Column) error {
	p.begun = true
	for _, c := range want {
		l, err := newLeaf(p.name, p.file.Root().Column(c.Name), c)
		if err != nil {
			return err
		}
		p.leaves = append(p.leaves, l)
	}
	groups := p.file.RowGroups()
	for range groups {
		p.groups = append(p.groups, make(chan decoded, batchAhead))
	}
	next := make(chan int, len(groups))
	for i := range groups {
		next <- i
	}
	close(next)
	workers := max(runtime.GOMAXPROCS(0), 1)
	// A row group fits into its channel, so nothing else holds the workers back:
	// without this bound they would decode the whole file ahead.
	p.ahead = make(chan struct{}, workers+1)
	for range workers {
		p.wait.Add(1)
		go func() {
			defer p.wait.Done()
			p.work(groups, next)
		}()
	}
	return nil
}

// work decodes row groups in the order of the file until none is left.
func (p *source) work(groups []parquet.RowGroup, next <-chan int) {
	for {
		select {
		case <-p.done:
			p.closeRest(next)
			return
		default:
		}
		select {
		case p.ahead <- struct{}{}:
		case <-p.done:
			continue
		}
		i, ok := <-next
		if !ok {
			return
		}
		p.decode(groups[i], p.groups[i])
	}
}

// closeRest ends the row groups that nobody decodes any more.
func (p *source) closeRest(next <-chan int) {
	for i := range next {
		close(p.groups[i])
	}
}

// decode decodes a row group into batches. The library panics on some files
// that it cannot read, which is the file's fault.
func (p *source) decode(group parquet.RowGroup, to chan<- decoded) {
	defer close(to)
	send := func(d decoded) bool {
		select {
		case to <- d:
			return d.err == nil
		case <-p.done:
			return false
		}
	}
	defer func() {
		if v := recover(); v != nil {
			send(decoded{err: fmt.Errorf("%v", v)})
		}
	}()
	cursors := make([]*cursor, len(p.leaves))
	chunks := group.ColumnChunks()
	for i, l := range p.leaves {
		cursors[i] = &cursor{leaf: l, pages: chunks[l.index].Pages()}
		defer func() { _ = cursors[i].pages.Close() }()
	}
	left := group.NumRows()
	for left > 0 {
		b, rows := p.batch(), int(min(left, batchRows))
		b.Rows = rows
		for i, c := range cursors {
			b.Cells[i] = slices.Grow(b.Cells[i][:0], rows)[:rows]
			text, err := c.read(b.Cells[i])
			if err != nil {
				send(decoded{err: err})
				return
			}
			b.Texts[i] = text
		}
		left -= int64(rows)
		if !send(decoded{batch: b}) {
			return
		}
	}
}

func (p *source) batch() *columns.Batch {
	if b, ok := p.spare.Get().(*columns.Batch); ok {
		return b
	}
	n := len(p.leaves)
	return &columns.Batch{Cells: make([][]int64, n), Texts: make([][]byte, n)}
}

// Recycle implements columns.Source.
func (p *source) Recycle(b *columns.Batch) { p.spare.Put(b) }

// Stop implements columns.Source.
func (p *source) Stop() {
	p.once.Do(func() { close(p.done) })
	for _, g := range p.groups {
		for range g { // a worker may be about to send
		}
	}
	p.wait.Wait()
}

// cursor reads one column of a row group from page to page.
type cursor struct {
	leaf  leaf
	pages parquet.Pages
	cells []int64 // of the page that have not been read
	text  []byte  // that they are in
}

// read fills the cells of a batch and returns the text that they are in.
func (c *cursor) read(to []int64) ([]byte, error) {
	var text []byte
	for done := 0; done < len(to); {
		if len(c.cells) == 0 {
			if err := c.page(done); err != nil {
				return nil, err
			}
			continue
		}
		n := copy(to[done:], c.cells)
		if c.leaf.column.Kind.IsText() {
			switch {
			case done == 0:
				text = c.text
			default: // the batch's text is that of two pages
				shift := int64(len(text))
				text = append(slices.Clip(text), c.text...)
				for i := done; i < done+n; i++ {
					to[i] += shift<<32 | shift
				}
			}
		}
		c.cells = c.cells[n:]
		done += n
	}
	return text, nil
}

// page decodes the next page. at is the row of the batch that it begins with.
func (c *cursor) page(at int) error {
	page, err := c.pages.ReadPage()
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	if err != nil {
		return err
	}
	defer parquet.Release(page)
	err = c.decode(page)
	var cell *cellError
	if errors.As(err, &cell) {
		cell.row += at
	}
	return err
}

func (c *cursor) decode(page parquet.Page) error {
	var values []int64
	var err error
	if dict := page.Dictionary(); dict != nil {
		entries, text, err := c.leaf.values(dict.Page())
		if err != nil && !c.leaf.column.Kind.IsText() {
			return err
		}
		c.text = text
		data := page.Data()
		indexes := data.Int32()
		values = make([]int64, len(indexes))
		for i, at := range indexes {
			if at < 0 || int(at) >= len(entries) {
				return errors.New("an index lies outside its dictionary")
			}
			values[i] = entries[at]
		}
	} else if values, c.text, err = c.leaf.values(page); err != nil {
		return err
	}
	c.cells = values
	if levels := page.DefinitionLevels(); len(levels) > 0 && len(values) < len(levels) {
		absent := columns.Absent
		if c.leaf.column.Kind.IsText() {
			absent = 0 // an empty text
		}
		c.cells = make([]int64, len(levels))
		next := 0
		for i, level := range levels {
			c.cells[i] = absent
			if level == c.leaf.defined {
				c.cells[i] = values[next]
				next++
			}
		}
	}
	return nil
}
