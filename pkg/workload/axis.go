package workload

import "fmt"

// axisInputs are the inputs that set a value on an axis that has no default.
var axisInputs = map[string][]string{
	"ops-per-sec":        {"ops_per_sec", "commands_per_month", "reads_per_month", "writes_per_month"},
	"commands-per-month": {"ops_per_sec", "commands_per_month", "reads_per_month", "writes_per_month"},
	"gib":                {"gib", "gb", "stored_bytes", "keys", "key_bytes", "value_bytes"},
}

// GivesAxis says whether the input itself sets a value on an axis.
func (i *Input) GivesAxis(axis string) bool {
	keys, needed := axisInputs[axis]
	for _, key := range keys {
		if i.Get(key) != "" {
			return true
		}
	}
	return !needed
}

// SetAside completes an input that leaves out the value that an axis varies. A
// peak rate is in proportion to the mean, and written bytes are part of the
// bytes moved, so neither can stand alone. It returns the key of the input that
// it filled in.
func (i *Input) SetAside(axis string) (key string, err error) {
	switch axis {
	case "gib":
		i.GiB, key = "0", "gib"
	case "ops-per-sec", "commands-per-month":
		i.OpsPerSec, key = "0", "ops_per_sec"
		switch {
		case i.PeakOpsPerSec != "":
			return "", fmt.Errorf("--peak-ops-per-sec changes in proportion to --%s; add --%[1]s", axis)
		case i.WrittenGBPerMonth != "" && i.TransferGBPerMonth == "":
			return "", fmt.Errorf("--written-gb-per-month is part of the bytes moved; add --%s or --transfer-gb-per-month", axis)
		}
	}
	return key, nil
}

// Pins says whether a figure is fixed that otherwise follows the command rate.
func (w *Workload) Pins() bool {
	return w.Given["peak_ops_per_sec"] || w.Given["transfer_gb_per_month"] || w.Given["written_gb_per_month"]
}
