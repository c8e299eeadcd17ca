package workload

import "fmt"

// axisInputs are the inputs that fix a value on an axis which has no default.
var axisInputs = map[string][]string{
	"ops-per-sec": {"ops_per_sec", "commands_per_month", "reads_per_month", "writes_per_month"},
	"gib":         {"gib", "gb", "stored_bytes"},
}

// GivesAxis says whether the input itself fixes a value on an axis.
func (i *Input) GivesAxis(axis string) bool {
	keys, needed := axisInputs[axis]
	for _, key := range keys {
		if i.get(key) != "" {
			return true
		}
	}
	return !needed
}

// SetAside makes an input complete that leaves out what an axis moves. What is
// only known in proportion to that cannot stand without it. It returns the key
// of the input that it filled in.
func (i *Input) SetAside(axis string) (key string, err error) {
	switch axis {
	case "gib":
		i.GiB, key = "0", "gib"
	case "ops-per-sec":
		i.OpsPerSec, key = "0", "ops_per_sec"
		for _, follows := range []string{"peak_ops_per_sec", "transfer_gb_per_month", "written_gb_per_month"} {
			if i.get(follows) != "" {
				return "", fmt.Errorf("%s moves in proportion to --ops-per-sec; give that too", Flag(follows))
			}
		}
	}
	return key, nil
}

func (i *Input) get(key string) Value {
	for _, f := range fields {
		if f.Name == key {
			return *f.Get(i)
		}
	}
	return ""
}

// IsInput says whether a flag, without its dashes, is an input of a workload.
func IsInput(flag string) bool {
	for _, f := range fields {
		if Flag(f.Name) == "--"+flag {
			return true
		}
	}
	return false
}

// Pins says whether something is fixed that otherwise follows the command rate.
func (w *Workload) Pins() bool {
	return w.Given["peak_ops_per_sec"] || w.Given["transfer_gb_per_month"] || w.Given["written_gb_per_month"]
}
