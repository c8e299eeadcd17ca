package columns

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"runtime"
	"sync"
)

const (
	blockSize = 256 << 10 // bytes of a text that are parsed at once
	maxLine   = 4 << 20   // bytes of the longest line
)

// Open begins a table in CSV, as it is or in gzip. Parquet, which is read
// from its end, is for package parquetfile; IsParquet tells them apart.
func Open(file string, in io.Reader) (*Reader, error) {
	b := bufio.NewReaderSize(in, 64<<10)
	magic, err := b.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, errCut(file, err)
	}
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(b)
		if err != nil {
			return nil, errCut(file, err)
		}
		b = bufio.NewReaderSize(z, 64<<10)
	case bytes.Equal(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return nil, &Error{File: file, Words: "the file is packed with zstd, which is not read; unpack it, as in zstd -dc FILE | keynest ... -"}
	case IsParquet(magic):
		return nil, &Error{File: file, Words: "a Parquet file is read from its end, which a stream does not have; give the name of the file"}
	}
	return openCSV(file, b)
}

// IsParquet says whether a file that begins so is Parquet.
func IsParquet(magic []byte) bool { return bytes.HasPrefix(magic, []byte("PAR1")) }

func openCSV(file string, in *bufio.Reader) (*Reader, error) {
	line, err := headLine(in)
	if err != nil {
		return nil, errCut(file, err)
	}
	line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
	if bytes.IndexByte(line, 0) >= 0 {
		return nil, &Error{File: file, Words: "this is no text; CSV, gzip and Parquet are read"}
	}
	if len(bytes.TrimSpace(line)) == 0 {
		return nil, &Error{File: file, Words: "the file has no head: the first line must name the columns"}
	}
	comma := byte(',')
	for _, other := range []byte{';', '\t'} {
		if bytes.IndexByte(line, ',') < 0 && bytes.IndexByte(line, other) >= 0 {
			comma = other
		}
	}
	r := &Reader{file: file}
	for rest := line; ; {
		cell, n, ok := field(rest, comma)
		if !ok {
			return nil, &Error{File: file, Words: "a quotation mark in the head is not closed"}
		}
		r.head = append(r.head, string(bytes.TrimSpace(cell)))
		if n >= len(rest) {
			break
		}
		if rest = rest[n+1:]; len(rest) == 0 {
			r.head = append(r.head, "")
			break
		}
	}
	c := &csvReader{reader: r, in: in, comma: comma, done: make(chan struct{}), ended: true}
	r.source, r.csv = c, c
	return r, nil
}

// headLine reads the first line without its end.
func headLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case err == nil || errors.Is(err, io.EOF):
			return bytes.TrimRight(line, "\r\n"), nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		case len(line) > maxLine:
			return line, nil
		}
	}
}

// csvReader parses blocks of lines on several processors. fill cuts the text
// into blocks and queues an answer for each; Next takes the answers in order.
type csvReader struct {
	reader *Reader
	in     *bufio.Reader
	comma  byte
	begun  bool
	queue  chan chan parsed
	done   chan struct{}
	once   sync.Once
	blocks sync.Pool
	spare  sync.Pool // of *Batch
	row    int64     // rows before the next batch
	ended  bool      // the last line has its line break
	wait   sync.WaitGroup
}

// block is whole lines of the text.
type block struct {
	text   []byte
	answer chan parsed
}

// parsed is what became of a block.
type parsed struct {
	batch *Batch
	err   *cellError
	fatal error
}

// cellError is a CellError by its place in the block.
type cellError struct {
	row    int // from 0
	column string
	words  string
}

// Next is a Source's; the columns are those of the reader.
func (c *csvReader) Next([]Column) (*Batch, error) {
	if !c.begun {
		c.begin()
	}
	for {
		answer, ok := <-c.queue
		if !ok {
			return nil, io.EOF
		}
		p := <-answer
		switch {
		case p.fatal != nil:
			return nil, p.fatal
		case p.err != nil:
			return nil, &CellError{c.row + int64(p.err.row) + 1, p.err.column, p.err.words}
		case p.batch.Rows == 0:
			c.Recycle(p.batch)
			continue
		}
		p.batch.First = c.row + 1
		c.row += int64(p.batch.Rows)
		return p.batch, nil
	}
}

func (c *csvReader) begin() {
	c.begun = true
	workers := max(runtime.GOMAXPROCS(0), 1)
	c.queue = make(chan chan parsed, 2*workers)
	work := make(chan block, workers)
	plan := newLayout(c.reader, c.comma)
	for range workers {
		c.wait.Add(1)
		go func() {
			defer c.wait.Done()
			for b := range work {
				b.answer <- plan.parse(c.batch(), b.text)
			}
		}()
	}
	c.wait.Add(1)
	go func() {
		defer c.wait.Done()
		defer close(c.queue)
		defer close(work)
		c.fill(work)
	}()
}

func (c *csvReader) batch() *Batch {
	if b, ok := c.spare.Get().(*Batch); ok {
		return b
	}
	return &Batch{Cells: make([][]int64, len(c.reader.columns))}
}

// Recycle is a Source's.
func (c *csvReader) Recycle(b *Batch) {
	if text := b.text[:0]; cap(text) <= 2*blockSize {
		c.blocks.Put(&text)
	}
	b.text = nil
	c.spare.Put(b)
}

// Flat is a Source's: every column of a text is.
func (c *csvReader) Flat(string) bool { return true }

// Stop is a Source's.
func (c *csvReader) Stop() {
	c.once.Do(func() { close(c.done) })
	if !c.begun {
		return
	}
	for range c.queue { // answers hold one each, so nobody is left waiting
	}
	c.wait.Wait()
}

// fill reads the text and hands it out in blocks of whole lines.
func (c *csvReader) fill(work chan<- block) {
	var rest []byte // the beginning of a line whose end was not read yet
	for {
		buf := c.buffer(len(rest))
		n := copy(buf, rest)
		m, err := io.ReadFull(c.in, buf[n:])
		text := buf[:n+m]
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) && c.atEnd()
		if err != nil && !last {
			c.send(work, nil, errCut(c.reader.file, err))
			return
		}
		if last {
			c.ended = len(text) == 0 || text[len(text)-1] == '\n'
			c.send(work, text, nil)
			return
		}
		cut := lastLine(text)
		if cut == 0 && len(text) >= maxLine {
			c.send(work, nil, &Error{File: c.reader.file, Words: "a line is longer than 4 MiB"})
			return
		}
		rest = append(rest[:0:0], text[cut:]...)
		if !c.send(work, text[:cut], nil) {
			return
		}
	}
}

// atEnd says whether a short read was the end of the text and not of a file
// that was cut while it was packed.
func (c *csvReader) atEnd() bool {
	_, err := c.in.Peek(1)
	return errors.Is(err, io.EOF)
}

func (c *csvReader) buffer(atLeast int) []byte {
	if b, ok := c.blocks.Get().(*[]byte); ok && cap(*b) >= atLeast+blockSize/2 {
		return (*b)[:cap(*b)]
	}
	return make([]byte, max(blockSize, 2*atLeast))
}

// send queues a block, or what ended the reading; false once it was stopped.
func (c *csvReader) send(work chan<- block, text []byte, fatal error) bool {
	answer := make(chan parsed, 1)
	select {
	case <-c.done:
		return false
	case c.queue <- answer:
	}
	if fatal != nil {
		answer <- parsed{fatal: fatal}
		return true
	}
	work <- block{text, answer}
	return true
}

// lastLine is where the last whole line of a text ends. A line break between
// quotation marks ends none.
func lastLine(text []byte) int {
	if bytes.IndexByte(text, '"') < 0 {
		return bytes.LastIndexByte(text, '\n') + 1
	}
	end, quoted := 0, false
	for i, c := range text {
		switch {
		case c == '"':
			quoted = !quoted
		case c == '\n' && !quoted:
			end = i + 1
		}
	}
	return end
}
