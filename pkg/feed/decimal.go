package feed

import (
	"fmt"
	"strconv"
	"strings"
)

// maxDecimals is how many decimals a price on a card can have.
const maxDecimals = 9

// decimal reads a price as a feed writes it, in digits with a point or with an
// exponent, moves the point shift places to the right, and returns it without
// needless zeros: "0.0000000025" moved 6 places is "0.0025". What has more than
// nine decimals left is no price but the noise of a binary number, and refused.
func decimal(text string, shift int) (string, error) {
	mantissa, exponent, scientific := strings.Cut(strings.ToLower(text), "e")
	if scientific {
		n, err := strconv.Atoi(exponent)
		if err != nil || n < -30 || n > 30 {
			return "", fmt.Errorf("%q is not a price", clip(text))
		}
		shift += n
	}
	whole, fraction, point := strings.Cut(mantissa, ".")
	if whole == "" || (point && fraction == "") || strings.Trim(whole+fraction, "0123456789") != "" || len(text) > 40 {
		if strings.Contains(text, ",") {
			return "", fmt.Errorf("%q has a decimal comma; the file was saved again by a program with another locale", clip(text))
		}
		return "", fmt.Errorf("%q is not a price", clip(text))
	}
	digits, scale := whole+fraction, len(fraction)-shift
	if scale < 0 {
		digits, scale = digits+strings.Repeat("0", -scale), 0
	}
	if pad := scale + 1 - len(digits); pad > 0 {
		digits = strings.Repeat("0", pad) + digits
	}
	whole = strings.TrimLeft(digits[:len(digits)-scale], "0")
	fraction = strings.TrimRight(digits[len(digits)-scale:], "0")
	if whole == "" {
		whole = "0"
	}
	switch {
	case len(fraction) > maxDecimals:
		return "", fmt.Errorf("%q has more than nine decimals; it is a rounded binary number, not the published price", clip(text))
	case len(whole) > 9:
		return "", fmt.Errorf("%q is too large for a price", clip(text))
	case fraction == "":
		return whole, nil
	}
	return whole + "." + fraction, nil
}

func clip(s string) string {
	if len(s) > 40 {
		return s[:40] + "…"
	}
	return s
}

// nanos joins the whole units and the billionths in which Google and Scaleway
// write amounts.
func nanos(units string, billionths int64) (string, error) {
	if units == "" {
		units = "0"
	}
	if billionths < 0 || billionths >= 1e9 {
		return "", fmt.Errorf("%d is not a number of billionths", billionths)
	}
	return decimal(fmt.Sprintf("%s.%09d", units, billionths), 0)
}

// day is the date of a time such as 2026-09-20T00:00:00Z, or "".
func day(t string) string {
	if len(t) < 10 || t[4] != '-' || t[7] != '-' || strings.Trim(t[:10], "0123456789-") != "" {
		return ""
	}
	return t[:10]
}
