// Package engines holds facts about Redis, Valkey and compatible servers:
// licences, governance, protocol, data files, releases, support.
//
// Every fact has a date and its sources; a fact that was not found is unknown,
// with the pages that were searched. The facts are data in
// engines.toml; this package reads, checks and lays them side by side.
package engines

// Book is the checked content of an engines file.
type Book struct {
	Sources  map[string]Source
	Licences map[string]Licence
	Engines  map[string]Engine
	Services map[string]Service
}

// Source is one place where a fact was read.
type Source struct {
	URL        string     `toml:"url"`
	Title      string     `toml:"title"`
	Date       Day        `toml:"date"`
	Dated      Dating     `toml:"dated"`
	Confidence Confidence `toml:"confidence"`
}

// Dating says what a source's date is the date of.
type Dating string

// The ways to date a source.
const (
	Published Dating = "published"  // the page, tag or commit bears it
	Copied    Dating = "copied"     // the day of the copy that was read; the page bears none
	NotBefore Dating = "not-before" // the page bears none and names something no older
	Read      Dating = "read"       // the day it was read; page and copy bear none
)

// Confidence says how close a source is to the project: its source code, its own
// page, a copy of that, or a third party's page.
type Confidence string

// The degrees of confidence, nearest first.
const (
	Code      Confidence = "code"      // read in the source tree
	Vendor    Confidence = "vendor"    // the project's or the vendor's own page
	Copy      Confidence = "copy"      // a third party's copy of such a page
	Secondary Confidence = "secondary" // a third party's page
)

// Licence is one text under which an engine is given.
type Licence struct {
	Name        string   `toml:"name"` // short, as people write it
	OSIApproved *bool    `toml:"osi_approved"`
	Run         string   `toml:"run"`  // what it asks of somebody who runs it for an own product
	Ship        string   `toml:"ship"` // … who passes it on
	Sell        string   `toml:"sell"` // … who sells it as a service
	Sources     []string `toml:"sources"`
}

// Area is one row of the table.
type Area string

// The areas, in the order of the table.
const (
	AreaLicence    Area = "licence"
	AreaGovernance Area = "governance"
	AreaBackers    Area = "backers"
	AreaOrigin     Area = "origin"
	AreaProtocol   Area = "protocol"
	AreaClients    Area = "clients"
	AreaDataFiles  Area = "data_files"
	AreaSupport    Area = "support"
)

// Areas returns every area in the order of the table.
func Areas() []Area {
	return []Area{AreaLicence, AreaGovernance, AreaBackers, AreaOrigin, AreaProtocol, AreaClients, AreaDataFiles, AreaSupport}
}

// Title is the area's name in a table.
func (a Area) Title() string {
	switch a {
	case AreaProtocol:
		return "Protocol and commands"
	case AreaClients:
		return "Client compatibility"
	case AreaDataFiles:
		return "Data files"
	case AreaSupport:
		return "Support window"
	}
	return string(a[0]-'a'+'A') + string(a[1:])
}

// Engine is one server. Its facts are by area and by the day from which they
// hold; those of a line hold for that line and for newer ones without their own.
type Engine struct {
	Name    string                   `toml:"name"`
	Since   Day                      `toml:"since"` // the engine exists from here on
	Sources []string                 `toml:"sources"`
	Facts   map[Area]map[string]Fact `toml:"fact"`
	Lines   map[string]Line          `toml:"line"`
}

// Line is a run of releases that share the first two numbers.
type Line struct {
	Releases map[string]Release       `toml:"release"`
	Facts    map[Area]map[string]Fact `toml:"fact"`
}

// Release is one published version.
type Release struct {
	Date     Day      `toml:"date"`
	Note     string   `toml:"note"`
	Licences []string `toml:"licences"` // only where they differ from its line's
	Sources  []string `toml:"sources"`
}

// Fact is one cell. What it holds beside text depends on its area.
type Fact struct {
	Text    string   `toml:"text"`
	Unknown bool     `toml:"unknown"` // looked for and not found; text says where
	Derived string   `toml:"derived"` // how it follows from its sources, if they do not say it outright
	Sources []string `toml:"sources"`

	Licences []string `toml:"licences"` // area licence: any one of them, at the user's choice

	MaintenanceUntil Day `toml:"maintenance_until"` // area support: bug fixes
	SecurityUntil    Day `toml:"security_until"`    // area support: security fixes
}

// Service is a managed offer and the versions it runs.
type Service struct {
	Name string                     `toml:"name"`
	Runs map[string]map[string]Runs `toml:"runs"` // by engine, then by day
}

// Runs says which versions of one engine a service ran on a day.
type Runs struct {
	Versions []string `toml:"versions"` // the service's own numbers
	Note     string   `toml:"note"`
	Sources  []string `toml:"sources"`
}
