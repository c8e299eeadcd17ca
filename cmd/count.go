package cmd

import (
	"errors"
	"strconv"
)

// optionalCount is a flag of a whole number that tells 0 from absent.
type optionalCount struct {
	n     int64
	given bool
}

// Set reads the number, for pflag.
func (c *optionalCount) Set(s string) (err error) {
	if c.n, err = strconv.ParseInt(s, 10, 64); err != nil {
		return errors.New("not a whole number")
	}
	c.given = true
	return nil
}

func (c *optionalCount) String() string {
	if !c.given {
		return ""
	}
	return strconv.FormatInt(c.n, 10)
}

// Type is how help calls the value.
func (c *optionalCount) Type() string { return "N" }
