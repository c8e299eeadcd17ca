package feed

import (
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"

	"github.com/keynest/keynest/pkg/pieces"
)

// readECB reads the reference rates of the European Central Bank, of one day or
// many. Of many it takes the newest day on or before the one that is asked for;
// the ECB publishes none on weekends and holidays.
// Source: ECB, euro foreign exchange reference rates, "for developers".
func readECB(in io.Reader, c *collector) error {
	done, depth := int64(0), 0
	d := xml.NewDecoder(&pieces.Bound{R: in, Max: maxPiece, Done: func() int64 { return done }})
	current, best, rate, other := "", "", "", 0
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			var syn *xml.SyntaxError
			if errors.As(err, &syn) && syn.Msg == "unexpected EOF" {
				return io.ErrUnexpectedEOF
			}
			return fmt.Errorf("not XML: %w", err)
		}
		done = d.InputOffset()
		switch t.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
		if depth > pieces.MaxDepth {
			return pieces.ErrTooDeep
		}
		e, ok := t.(xml.StartElement)
		if !ok || e.Name.Local != "Cube" {
			continue
		}
		on, currency, value := cube(&e)
		if current = cmp.Or(on, current); currency == "" {
			continue
		}
		c.Rows++
		if _, err := decimal(value, 0); err != nil {
			return fmt.Errorf("%s on %s: %w", currency, current, err)
		}
		if currency != "USD" {
			other++
			continue
		}
		if current > best && (c.options.AsOf == "" || current <= c.options.AsOf) {
			best, rate = current, value
		}
	}
	if other > 0 {
		c.Skipped["the euro in another currency than the dollar"] = other
	}
	if best == "" {
		if c.Rows > 0 {
			return fmt.Errorf("it has no dollar rate on or before %s", c.options.AsOf)
		}
		return nil
	}
	c.Published = best
	c.take(Figure{Key: Key{Kind: Exchange, ID: "EUR", Region: best}, Currency: "USD", Per: "EUR", Row: "USD of " + best}, rate, 0)
	return nil
}

// cube is what a Cube element says: a day, or a currency and its rate.
func cube(e *xml.StartElement) (on, currency, rate string) {
	for _, a := range e.Attr {
		switch a.Name.Local {
		case "time":
			on = day(a.Value)
		case "currency":
			currency = a.Value
		case "rate":
			rate = a.Value
		}
	}
	return on, currency, rate
}
