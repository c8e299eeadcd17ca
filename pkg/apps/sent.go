package apps

import (
	"fmt"
	"maps"
	"slices"

	"github.com/keynest/keynest/pkg/unit"
	"github.com/keynest/keynest/pkg/workload"
)

// Sent puts what the applications of a workload file's entry send into its
// input, and lists them. An entry without applications is left as it is.
func Sent(b *Book, e *workload.Entry, in workload.Input) (workload.Input, *Load, error) {
	list, err := b.Pick(e.App.Values...)
	if err != nil {
		return in, nil, err
	}
	v := Values{Inputs: map[InputName]string{}, Settings: map[string]string{}}
	for _, key := range slices.Sorted(maps.Keys(e.AppInputs)) {
		if _, ok := Info(InputName(key)); !ok {
			return in, nil, fmt.Errorf("app_inputs has no input %q; known: %s", key, joined(inputNames()))
		}
		v.Inputs[InputName(key)] = string(e.AppInputs[key])
	}
	for _, key := range slices.Sorted(maps.Keys(e.AppSettings)) {
		v.Settings[key] = string(e.AppSettings[key])
	}
	hours, err := HoursOf(in)
	if err != nil {
		return in, nil, err
	}
	load, err := b.Count(list, v, hours)
	if err != nil {
		return in, nil, err
	}
	in, err = load.Input(in, Counting{Scripts: e.CountScripts}, e.Plus)
	return in, load, err
}

// HoursOf is the length of an input's month. Applications are counted for whole
// hours; a part of one is an error. What else is wrong with the length is said
// when the input is resolved.
func HoursOf(in workload.Input) (int64, error) {
	w, err := workload.Input{GiB: "0", OpsPerSec: "0", HoursPerMonth: in.HoursPerMonth}.Resolve("")
	switch {
	case err != nil:
		return unit.HoursPerMonth, nil //nolint:nilerr // said by Resolve
	case w.Hundredths > 0:
		return 0, fmt.Errorf("--hours-per-month %s is not a whole number of hours, which --app needs", w.HoursText())
	}
	return w.HoursPerMonth, nil
}

func inputNames() []InputName {
	var names []InputName
	for _, in := range Inputs() {
		names = append(names, in.Name)
	}
	return names
}
