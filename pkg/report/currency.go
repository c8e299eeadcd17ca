package report

import (
	"fmt"

	"github.com/keynest/keynest/pkg/money"
	"github.com/keynest/keynest/pkg/ratecard"
)

// Currency is what a report prints amounts in. The zero value is dollars, in
// which every bill is computed; another currency is shown by one exchange
// rate, which the report names.
type Currency struct {
	FX *ratecard.ExchangeRate
}

// Code is the ISO 4217 code.
func (c Currency) Code() string {
	if c.FX == nil {
		return "USD"
	}
	return c.FX.Currency
}

// of converts an amount of dollars, rounded half up to a billionth. Rates are
// checked to be positive where they are read, and no amount overflows for a
// rate above 1; one that still does is shown as the largest there is.
func (c Currency) of(u money.USD) money.USD {
	if c.FX == nil {
		return u
	}
	v, err := u.Times(money.Nano, c.FX.Nano)
	if err != nil {
		return money.MaxUSD
	}
	return v
}

func (c Currency) grouped(u money.USD) string { return c.of(u).Grouped() }
func (c Currency) exact(u money.USD) string   { return c.of(u).Exact() }

// amount prints an amount with its code: "240.61 USD".
func (c Currency) amount(u money.USD) string { return c.grouped(u) + " " + c.Code() }

// words names the exchange rate, or is "".
func (c Currency) words() string {
	if c.FX == nil {
		return ""
	}
	source := c.FX.Source
	if source == "given" {
		source = "given with --fx"
	}
	return fmt.Sprintf("Amounts in %s: 1 %s = %s USD on %s (%s).", c.Code(), c.Code(), c.FX.USDPerUnit, c.FX.Day, source)
}
