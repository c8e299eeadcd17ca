package cmd

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/keynest/keynest/pkg/gate"
	"github.com/keynest/keynest/pkg/workload"
)

// findConfig looks for a keynest.toml in the working directory, and inside a git
// repository in the directories above it, up to the root of the repository. It
// returns "" where there is none. Outside a repository it does not leave the
// working directory, since the folders above may belong to other users.
func findConfig() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	found, path := "", gate.DefaultName
	for {
		// A broken link is an error, not a missing file.
		_, err := os.Lstat(path)
		switch {
		case err == nil && found == "":
			found = path
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return "", usagef("cannot read %s: %w", filepath.ToSlash(path), cause(err))
		}
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return found, nil
		}
		if dir == filepath.Dir(dir) {
			break
		}
		dir, path = filepath.Dir(dir), filepath.Join("..", path)
	}
	if found != gate.DefaultName {
		found = ""
	}
	return found, nil
}

// loadKeys are the inputs that make a workload: with one of them on the command
// line, no keynest.toml is looked for.
var loadKeys = []string{"ops_per_sec", "commands_per_month", "reads_per_month", "writes_per_month", "gib", "gb", "keys"}

// find takes the keynest.toml of the repository as the file of workloads where
// the command line says nothing of a workload, or only its name.
func (f *pricingFlags) find(e *env) error {
	given := func(key string) bool { return f.inputs.Get(key) != "" }
	if f.file != "" || e.noConfig || f.name == "" && (f.preset != "" || slices.ContainsFunc(loadKeys, given) || f.apps != nil && len(f.apps.names) > 0) {
		return nil
	}
	path, err := findConfig()
	if err != nil || path == "" {
		return err
	}
	f.file = path
	e.say("keynest: ", "workloads of "+filepath.ToSlash(path))
	return nil
}

// readWorkloads reads the file of workloads, and takes what its [pricing] says
// and no flag does.
func (f *pricingFlags) readWorkloads(e *env) (*workload.File, error) {
	text, err := e.readFile(f.file)
	if err != nil {
		return nil, err
	}
	name := f.file
	if name == "-" {
		name = "standard input"
	}
	file, p, err := gate.ReadWorkloads(name, text)
	if err != nil {
		return nil, usageErr(err)
	}
	if p.AsOf != "" && !f.said("as-of") {
		if err := checkDay(f.file+": as_of", p.AsOf, e.today); err != nil {
			return nil, err
		}
	}
	for _, t := range []struct {
		flag  string
		value string
		to    *string
	}{{"as-of", p.AsOf, &f.asOf}, {"region", p.Region, &f.region}, {"term", p.Term, &f.term}, {"upfront", p.Upfront, &f.upfront}, {"commitment", p.Commitment, &f.commit}} {
		if t.value != "" && !f.said(t.flag) {
			*t.to = t.value
		}
	}
	for _, t := range []struct {
		flag   string
		values []string
		to     *[]string
	}{
		{"rates", beside(f.file, p.Rates), &f.rates}, {"fx", p.FX, &f.fx}, {"offer", p.Offers, &f.offers}, {"provider", p.Providers, &f.provider},
		{"engine", p.Engines, &f.engines}, {"include", p.Include, &f.include}, {"reserved", p.Reserved, &f.reserved},
	} {
		if len(t.values) > 0 && !f.said(t.flag) {
			*t.to = t.values
		}
	}
	if p.MaxShards > 0 && !f.said("max-shards") {
		f.most = optionalCount{n: p.MaxShards, given: true}
	}
	return file, nil
}

// said says whether the command line or the environment sets a flag.
func (f *pricingFlags) said(flag string) bool { return f.flags != nil && f.flags.Changed(flag) }

// beside are the paths that a file names, relative to its folder.
func beside(file string, paths []string) []string {
	var all []string
	for _, path := range paths {
		if !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(file), filepath.FromSlash(path))
		}
		all = append(all, path)
	}
	return all
}
