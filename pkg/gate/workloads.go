package gate

import (
	"strconv"
	"strings"

	"github.com/keynest/keynest/pkg/bill"
	"github.com/keynest/keynest/pkg/tomlfile"
	"github.com/keynest/keynest/pkg/workload"
)

// ReadWorkloads reads the workloads and the [pricing] table of a keynest.toml,
// for commands that price workloads and judge no limits. A file without checks
// is valid; an unknown key is an error in any table. Workloads that leave out
// hours_per_month take it from [pricing].
func ReadWorkloads(name, text string) (*workload.File, *Pricing, error) {
	var raw file
	problems, err := tomlfile.DecodeAll(name, strings.TrimPrefix(text, "\ufeff"), &raw)
	if err != nil {
		return nil, nil, err
	}
	r := &reader{Problems: problems}
	p := &raw.Pricing
	pricing := p.values()
	if _, err := bill.ParseClasses(p.Include.Values); err != nil {
		r.Add([]string{"pricing", "include"}, "include %v", err)
	}
	pricing.MaxShards = r.maxShards([]string{"pricing", "max_shards"}, &p.MaxShards)
	if err := r.Err(); err != nil {
		return nil, nil, err
	}
	f, err := workload.NewFile(name, raw.Workload)
	if err != nil {
		return nil, nil, err
	}
	for _, e := range f.Workload {
		if e.HoursPerMonth == "" {
			e.HoursPerMonth = p.HoursPerMonth
		}
	}
	return f, &pricing, nil
}

// values is the table as written, without max_shards, which is read separately.
func (p *filePricing) values() Pricing {
	v := Pricing{
		AsOf: p.AsOf.Value, Region: p.Region.Value, Term: p.Term.Value, Upfront: p.Upfront.Value, Commitment: p.Commitment.Value, Reserved: p.Reserved.Values,
		Rates: p.Rates.Values, FX: p.FX.Values, Offers: p.Offers.Values, Providers: p.Providers.Values, Engines: p.Engines.Values, Include: p.Include.Values,
	}
	if p.MaxRateAge.OK() {
		v.MaxRateAge = strconv.FormatInt(p.MaxRateAge.Value, 10) + "d"
	}
	return v
}
