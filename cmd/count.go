package cmd

import (
	"errors"
	"strconv"

	"github.com/spf13/pflag"
)

// wholeNumber reads the value of a flag: decimal digits, with a minus before
// them perhaps. 0x10, 1_0 and +1, which Go reads as numbers, are refused, as
// they are in every other number of a workload.
func wholeNumber(s string) (int64, error) {
	digits := s
	if len(s) > 1 && s[0] == '-' {
		digits = s[1:]
	}
	for _, c := range []byte(digits) {
		if c < '0' || c > '9' {
			return 0, errors.New("not a whole number such as 12")
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, errors.New("not a whole number such as 12")
	}
	return n, nil
}

// count is a flag of a whole number.
type count[N int | int64] struct{ to *N }

// Set reads the number, for pflag.
func (c count[N]) Set(s string) error {
	n, err := wholeNumber(s)
	if err == nil && int64(N(n)) != n {
		err = errors.New("too large")
	}
	if err == nil {
		*c.to = N(n)
	}
	return err
}

func (c count[N]) String() string {
	if c.to == nil {
		return "0"
	}
	return strconv.FormatInt(int64(*c.to), 10)
}

// Type is how help calls the value.
func (count[N]) Type() string { return "N" }

// countVar gives a command a flag of a whole number.
func countVar[N int | int64](flags *pflag.FlagSet, to *N, name string, value N, usage string) {
	*to = value
	flags.Var(count[N]{to}, name, usage)
}

// optionalCount is a flag of a whole number that tells 0 from absent.
type optionalCount struct {
	n     int64
	given bool
}

// Set reads the number, for pflag.
func (c *optionalCount) Set(s string) (err error) {
	if c.n, err = wholeNumber(s); err == nil {
		c.given = true
	}
	return err
}

func (c *optionalCount) String() string {
	if !c.given {
		return ""
	}
	return strconv.FormatInt(c.n, 10)
}

// Type is how help calls the value.
func (c *optionalCount) Type() string { return "N" }
