package unit

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Plain turns a number as people write it into a plain decimal number, exactly:
// "5k", "5,000", "5_000" and "5e3" are all "5000"; "37M" is "37000000", "1.5k"
// is "1500". k is 10^3, M is 10^6, G is 10^9. Commas and underscores group
// thousands, so three digits must follow each. Text with two possible meanings
// is an error that names both: a comma as a decimal point ("1,5"), and m, which
// could be milli or mega.
func Plain(s string) (string, error) {
	text := strings.TrimSpace(s)
	number, power, err := power(text)
	if err != nil {
		return "", err
	}
	whole, fraction, point := strings.Cut(number, ".")
	whole, ok := ungroup(whole)
	switch {
	case !ok:
		return "", fmt.Errorf("%q groups its digits in a way that can be read in two ways; write thousands as 1,000 and decimals as 0.25", Clip(text))
	case whole == "" || point && fraction == "" || !digits(whole) || !digits(fraction):
		return "", fmt.Errorf("%q is not a number like 5000, 0.25, 5k or 1e6", Clip(text))
	}
	if power == 0 {
		if point {
			return whole + "." + fraction, nil
		}
		return whole, nil
	}
	for len(fraction) < power {
		fraction += "0"
	}
	whole = strings.TrimLeft(whole+fraction[:power], "0")
	if fraction = strings.TrimRight(fraction[power:], "0"); fraction != "" {
		fraction = "." + fraction
	}
	if whole == "" {
		whole = "0"
	}
	return whole + fraction, nil
}

// power splits off the power of ten at the end of a number: "5k" is 5 and 3,
// "1e6" is 1 and 6.
func power(s string) (number string, power int, err error) {
	if s == "" {
		return s, 0, nil
	}
	head, last := s[:len(s)-1], s[len(s)-1]
	switch last {
	case 'k', 'K':
		return strings.TrimSpace(head), 3, nil
	case 'M':
		return strings.TrimSpace(head), 6, nil
	case 'G':
		return strings.TrimSpace(head), 9, nil
	case 'm':
		return "", 0, fmt.Errorf("%q does not say whether m is a million or a thousandth; write %sM for millions", Clip(s), Clip(strings.TrimSpace(head)))
	}
	mantissa, exponent, scientific := strings.Cut(strings.ToLower(s), "e")
	if !scientific {
		return s, 0, nil
	}
	exponent = strings.TrimPrefix(exponent, "+")
	n, err := strconv.Atoi(exponent)
	if err == nil && digits(exponent) && n > 18 {
		return "", 0, fmt.Errorf("%q is %w", Clip(s), ErrRange)
	}
	if err != nil || !digits(exponent) || strings.ContainsAny(mantissa, ",_") {
		return "", 0, fmt.Errorf("%q is not a number like 5000, 0.25, 5k or 1e6", Clip(s))
	}
	return mantissa, n, nil
}

// ungroup removes the separators between thousands. ok is false if they stand
// elsewhere, or if commas and underscores are mixed.
func ungroup(s string) (plain string, ok bool) {
	mark := strings.IndexAny(s, ",_")
	if mark < 0 {
		return s, true
	}
	groups := strings.Split(s, s[mark:mark+1])
	for i, g := range groups {
		if !digits(g) || i > 0 && len(g) != 3 || i == 0 && (g == "" || len(g) > 3) {
			return "", false
		}
	}
	return strings.Join(groups, ""), true
}

// ParseSize reads a size as people write it and returns bytes, rounded half up.
// A number without a unit counts units of bare bytes. A number with a unit,
// such as "8GB", "8 GiB" or "50MB", counts that unit: GB is 10^9 bytes, GiB is
// 2^30. "8G" is an error, since it could be either.
func ParseSize(s string, bare int64) (int64, error) {
	text := strings.TrimSpace(s)
	number := strings.TrimRight(text, "BbKkMmGgTti")
	suffix := text[len(number):]
	if suffix == "" {
		return scaled(number, bare)
	}
	for _, size := range sizes {
		if strings.EqualFold(size.name, suffix) {
			n, err := scaled(strings.TrimSpace(number), size.bytes)
			if err != nil && !errors.Is(err, ErrRange) {
				return 0, fmt.Errorf("%q is not a size like 8GB or 0.5GiB: %w", Clip(text), err)
			}
			return n, err
		}
	}
	if len(suffix) == 1 && strings.ContainsAny(suffix, "kKMGT") {
		letter := strings.ToUpper(suffix)
		if letter == "K" {
			return 0, fmt.Errorf("%q does not say whether K is kB (1,000 bytes) or KiB (1,024 bytes); write the unit", Clip(text))
		}
		return 0, fmt.Errorf("%q does not say whether %s is %sB (powers of 1,000) or %siB (powers of 1,024); write the unit", Clip(text), letter, letter, letter)
	}
	return 0, fmt.Errorf("%q has no known unit; known: B, kB, MB, GB, TB, KiB, MiB, GiB, TiB", Clip(text))
}

// scaled reads a number as people write it and returns it × scale, rounded half
// up.
func scaled(s string, scale int64) (int64, error) {
	plain, err := Plain(s)
	if err != nil {
		return 0, err
	}
	return Scaled(plain, scale)
}
