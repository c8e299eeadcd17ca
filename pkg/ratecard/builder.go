package ratecard

import (
	"fmt"
	"strings"

	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/unit"
)

// maxNesting is how many offers a price may pass through: offer A takes its
// price from B, B from C, and so on.
const maxNesting = 4

// builder builds typed versions from the raw document. It reports problems if
// report is set; otherwise the document was checked before.
type builder struct {
	set     *Set
	day     string // the day of the prices that are taken from other offers
	report  func(path []string, format string, args ...any)
	use     func(path []string, source, assumed string) // a figure's source
	alone   bool                                        // build the version's own figures only, without the version that it is based on
	through []string                                    // the chain of offers from which prices are taken
	others  map[string]*Version                         // built once; prices and plans are taken from them
}

func (b *builder) problem(path []string, format string, args ...any) {
	if b.report != nil {
		b.report(path, format, args...)
	}
}

func (b *builder) cite(path []string, source, assumed string) {
	if b.use != nil {
		b.use(path, source, assumed)
	}
}

// sub extends a path. It does nothing if problems are not reported, since the
// path is not needed.
func (b *builder) sub(path []string, more ...string) []string {
	if b.report == nil {
		return path
	}
	return append(append([]string{}, path...), more...)
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// nano reads a figure as money or as any decimal with nine places.
func (f figure) nano() (int64, error) {
	if strings.HasPrefix(string(f), unquoted) {
		return 0, fmt.Errorf("%s is %w", strings.TrimPrefix(string(f), unquoted), errNotQuoted)
	}
	v, err := money.ParseUSD(string(f))
	if err == nil && v < 0 {
		return 0, fmt.Errorf("%s is negative", f)
	}
	return int64(v), err
}

// millionths reads a figure as a factor or share with six places.
func (f figure) millionths() (int64, error) {
	if strings.HasPrefix(string(f), unquoted) {
		return 0, fmt.Errorf("%s is %w", strings.TrimPrefix(string(f), unquoted), errNotQuoted)
	}
	return unit.Scaled(string(f), unit.Million)
}

func (b *builder) optionalUSD(path []string, key string, f figure) *money.USD {
	if f == "" {
		return nil
	}
	n, err := f.nano()
	if err != nil {
		b.problem(path, "%s: %v", key, err)
	}
	u := money.USD(n)
	return &u
}

func (b *builder) bytes(path []string, key, s string) int64 {
	if s == "" {
		return 0
	}
	n, err := unit.ParseBytes(s)
	if err != nil {
		b.problem(path, "%s: %v", key, err)
	}
	return n
}

func (b *builder) share(path []string, key string, f figure) int64 {
	if f == "" {
		return 0
	}
	n, err := f.millionths()
	if err != nil {
		b.problem(path, "%s: %v", key, err)
	} else if n <= 0 || n > unit.Million {
		b.problem(path, "%s: %s is not a share between 0 and 1", key, f)
	}
	return n
}

// amount reads a free amount, a minimum, or the end of a tier. It must fit in
// 64 bits in the longest month.
func (b *builder) amount(path []string, key string, f figure, u unit.Unit) string {
	if f == "" {
		return ""
	}
	_, err := f.nano()
	if err == nil {
		_, err = unit.Scaled(string(f), u.Held(744))
	}
	if err != nil {
		b.problem(path, "%s: %v", key, err)
	}
	return string(f)
}

func decimalLess(a, b string) bool {
	x, err1 := money.ParseUSD(a)
	y, err2 := money.ParseUSD(b)
	return err1 == nil && err2 == nil && x < y
}

func (b *builder) each(path []string, key, s string) Each {
	switch e := Each(or(s, string(EachAccount))); e {
	case EachAccount, EachDatabase:
		return e
	}
	b.problem(path, "%s %q is neither account nor database", key, s)
	return EachAccount
}

// rate reads a price in dollars or euros.
func (b *builder) rate(path []string, usd, eur figure, per int64, source, assumed string) *Rate {
	text, currency := usd, "USD"
	if usd == "" {
		text, currency = eur, "EUR"
	}
	if text == "" {
		return nil
	}
	if usd != "" && eur != "" {
		b.problem(path, "has a price in usd and one in eur; give the published one")
	}
	n, err := text.nano()
	if err != nil {
		b.problem(path, "%s: %v", strings.ToLower(currency), err)
	}
	return &Rate{
		Price:    money.Price{Amount: money.USD(n), Per: per},
		Currency: currency, Text: string(text), Source: source, Assumed: assumed,
	}
}
