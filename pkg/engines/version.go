package engines

import (
	"fmt"
	"strconv"
	"strings"
)

// Version is a release number, compared number by number: 8.10 is newer than
// 8.8. A trailing -rc1 or -m01 makes it older than the release it leads to.
type Version struct {
	text    string
	numbers []int
	pre     string // "rc1", "m01"; empty for a release
}

// ParseVersion reads numbers parted by dots, with an optional -suffix.
func ParseVersion(s string) (Version, error) {
	v := Version{text: s}
	numbers, pre, dashed := strings.Cut(s, "-")
	if dashed && pre == "" {
		return Version{}, fmt.Errorf("%q is not a version; write it as 8.10 or 8.0-rc1", s)
	}
	v.pre = pre
	for part := range strings.SplitSeq(numbers, ".") {
		n, err := strconv.ParseUint(part, 10, 16)
		if err != nil {
			return Version{}, fmt.Errorf("%q is not a version; write it as 8.10 or 8.0-rc1", s)
		}
		v.numbers = append(v.numbers, int(n))
	}
	return v, nil
}

// String is the version as it was written.
func (v Version) String() string { return v.text }

// Pre says whether the version came before a general release.
func (v Version) Pre() bool { return v.pre != "" }

// Compare is negative where v is older than w. A missing number counts as 0.
func (v Version) Compare(w Version) int {
	for i := range max(len(v.numbers), len(w.numbers)) {
		if d := v.number(i) - w.number(i); d != 0 {
			return d
		}
	}
	switch {
	case v.pre == w.pre:
		return 0
	case v.pre == "":
		return 1
	case w.pre == "":
		return -1
	}
	return strings.Compare(v.pre, w.pre)
}

// Line is the first two numbers, the part of a version that a support window
// and a licence belong to.
func (v Version) Line() string {
	return fmt.Sprintf("%d.%d", v.number(0), v.number(1))
}

func (v Version) number(i int) int {
	if i < len(v.numbers) {
		return v.numbers[i]
	}
	return 0
}
