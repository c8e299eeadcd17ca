package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/keynest/keynest/pkg/form"
	"github.com/keynest/keynest/pkg/page"
	"github.com/keynest/keynest/pkg/ratecard"
)

// Regions is the list of the vendors' regions as a document.
func Regions(list []ratecard.Region, day string) *page.Document {
	d := &page.Document{Title: "Regions"}
	t := page.NewTable(page.Column{Head: "Provider"}, page.Column{Head: "Region"}, page.Column{Head: "Place"}, page.Column{Head: "Offers with a price", Right: true})
	priced, last := 0, ""
	for _, r := range list {
		offers := "none"
		if n := len(r.Priced); n > 0 {
			offers = fmt.Sprint(n)
			priced++
		}
		provider := r.Provider.Name
		if provider == last {
			provider = ""
		}
		last = r.Provider.Name
		t.Add(provider, r.Name, strings.Join(r.Places, ", "), offers)
	}
	d.Add(page.Block{Table: t})
	d.Answers = []page.Answer{
		{Label: "Regions", Figure: fmt.Sprint(len(list)), Text: fmt.Sprintf("%d with a price on %s; --region takes a region or a place", priced, day)},
	}
	return d
}

// RegionsJSON is the report of keynest regions as a program reads it;
// docs/regions.schema.json describes it.
type RegionsJSON struct {
	FormatVersion string       `json:"format_version"`
	Kind          string       `json:"kind"`
	AsOf          string       `json:"as_of"`
	Regions       []regionJSON `json:"regions"`
}

type regionJSON struct {
	Provider     string   `json:"provider"`
	ProviderName string   `json:"provider_name"`
	Region       string   `json:"region"`
	Places       []string `json:"places"`
	Offers       []string `json:"offers"`
}

// NewRegionsJSON builds the report.
func NewRegionsJSON(list []ratecard.Region, day string) *RegionsJSON {
	j := &RegionsJSON{FormatVersion: form.Version, Kind: "regions", AsOf: day, Regions: []regionJSON{}}
	for _, r := range list {
		j.Regions = append(j.Regions, regionJSON{r.Provider.ID, r.Provider.Name, r.Name, orEmpty(r.Places), orEmpty(r.Priced)})
	}
	return j
}

// WriteRegionsCSV writes a row for each region.
func WriteRegionsCSV(w io.Writer, list []ratecard.Region, day string) error {
	rows := [][]string{{"provider", "provider_name", "region", "places", "offers", "as_of"}}
	for _, r := range list {
		rows = append(rows, []string{r.Provider.ID, r.Provider.Name, r.Name, strings.Join(r.Places, "; "), strings.Join(r.Priced, "; "), day})
	}
	return writeCSV(w, rows)
}
