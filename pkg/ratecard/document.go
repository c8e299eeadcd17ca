package ratecard

import "fmt"

// document is rates.toml as written: every figure is the text that was
// published. docs/rates.md describes each key.
type document struct {
	Schema   int                            `toml:"schema"`
	Source   map[string]*rawSource          `toml:"source"`
	Provider map[string]*rawProvider        `toml:"provider"`
	Place    map[string]map[string]string   `toml:"place"`
	FX       map[string]map[string]*rawRate `toml:"fx"`
	Offer    map[string]*rawOffer           `toml:"offer"`
	Discount map[string]*rawDiscount        `toml:"discount"`
}

type rawSource struct {
	URL        string `toml:"url"`
	Title      string `toml:"title"`
	Retrieved  string `toml:"retrieved"`
	Quote      string `toml:"quote"`
	Confidence string `toml:"confidence"`
}

type rawProvider struct {
	Name    string            `toml:"name"`
	Home    string            `toml:"home"`
	Regions []string          `toml:"regions"` // regions of the provider without a price on the cards
	Source  string            `toml:"source"`  // of regions
	Alias   map[string]string `toml:"alias"`   // a cloud's region → this provider's name for it
}

type rawRate struct {
	USDPerUnit figure `toml:"usd_per_unit"`
	Source     string `toml:"source"`
}

type rawDiscount struct {
	Percent  figure `toml:"percent"`
	Provider string `toml:"provider"`
	Offer    string `toml:"offer"`
	Charge   string `toml:"charge"`
	Why      string `toml:"why"`
}

type rawOffer struct {
	Provider string                 `toml:"provider"`
	Name     string                 `toml:"name"`
	Short    string                 `toml:"short"`
	BilledBy string                 `toml:"billed_by"`
	Engines  []string               `toml:"engines"`
	Status   string                 `toml:"status"`
	About    string                 `toml:"about"`
	Trait    map[string]*rawTrait   `toml:"trait"`
	Version  map[string]*rawVersion `toml:"version"`
}

type rawTrait struct {
	rawTraitValue
	Plan map[string]*rawTraitValue `toml:"plan"` // by plan id, or a pattern such as "cache.t4g.*"
}

type rawTraitValue struct {
	Value     string `toml:"value"`
	DiskShare figure `toml:"disk_share"`
	Words     string `toml:"words"`
	Source    string `toml:"source"`
	Assumed   string `toml:"assumed"`
}

type rawVersion struct {
	BasedOn     string                    `toml:"based_on"`
	Withdrawn   string                    `toml:"withdrawn"`
	Source      string                    `toml:"source"`
	Note        string                    `toml:"note"`
	Minimum     figure                    `toml:"minimum_usd_per_month"`
	Cap         figure                    `toml:"cap_usd_per_month"`
	MinimumEach string                    `toml:"minimum_each"`
	CapEach     string                    `toml:"cap_each"`
	PlansFrom   string                    `toml:"plans_from"`
	PlansAll    bool                      `toml:"plans_all"`
	Charge      map[string]*rawCharge     `toml:"charge"`
	Plan        map[string]*rawPlan       `toml:"plan"`
	Limit       *rawLimit                 `toml:"limit"`
	Sizing      *rawSizing                `toml:"sizing"`
	Price       map[string]*rawPrice      `toml:"price"`
	Commitment  map[string]*rawCommitment `toml:"commitment"`
	Surcharge   map[string]*rawSurcharge  `toml:"surcharge"`
	Engine      *rawEngine                `toml:"engine"`
	Units       *rawUnits                 `toml:"reserved_units"`
	Proration   *rawProration             `toml:"proration"`
	Assumption  map[string]*rawNote       `toml:"assumption"`
	Unknown     map[string]*rawNote       `toml:"unknown"`
	Example     map[string]*rawExample    `toml:"example" pack:"-"`
}

type rawCharge struct {
	Name        string    `toml:"name"`
	Meter       string    `toml:"meter"`
	Unit        string    `toml:"unit"`
	USD         figure    `toml:"usd"`
	EUR         figure    `toml:"eur"`
	Per         *int64    `toml:"per"`
	Free        figure    `toml:"free"`
	FreeEach    string    `toml:"free_each"`
	Minimum     figure    `toml:"minimum"`
	MinimumEach string    `toml:"minimum_each"`
	MinimumSet  string    `toml:"minimum_set"`
	FreeCopies  int64     `toml:"free_snapshots"`
	Tier        []rawTier `toml:"tier"`
	WholeAmount bool      `toml:"whole_amount"`
	OtherUnit   string    `toml:"other_unit"`
	Metered     string    `toml:"metered"`
	MeteredFrom string    `toml:"metered_source"`
	Reading     string    `toml:"reading"`
	Plans       []string  `toml:"plans"`
	Uncounted   []string  `toml:"uncounted"`
	Source      string    `toml:"source"`
	Assumed     string    `toml:"assumed"`
	Unknown     string    `toml:"unknown"`

	DisputedUSD    figure `toml:"disputed_usd"`
	DisputedSource string `toml:"disputed_source"`
}

type rawTier struct {
	UpTo figure `toml:"up_to"`
	USD  figure `toml:"usd"`
	EUR  figure `toml:"eur"`
}

type rawLimit struct {
	MaxData              string `toml:"max_data"`
	MaxOpsPerSec         int64  `toml:"max_ops_per_sec"`
	MaxECPUPerSec        int64  `toml:"max_ecpu_per_sec"`
	MaxCommandsPerMonth  int64  `toml:"max_commands_per_month"`
	MaxTransferPerMonth  string `toml:"max_transfer_per_month"`
	MaxTransferPerSecond string `toml:"max_transfer_per_second"`
	MaxDatabases         *int64 `toml:"max_databases"`
	MaxReadRegions       *int64 `toml:"max_read_regions"`
	MinReadRegions       int64  `toml:"min_read_regions"`
	MaxReplicas          *int64 `toml:"max_replicas"`
	MaxConnections       int64  `toml:"max_connections"`
	MaxRecord            string `toml:"max_record"`
	Source               string `toml:"source"`
}

type rawPlan struct {
	Name             string                `toml:"name"`
	Memory           string                `toml:"memory"`
	Usable           string                `toml:"usable"`
	UsableShare      figure                `toml:"usable_share"`
	VCPU             figure                `toml:"vcpu"`
	OpsPerSec        int64                 `toml:"ops_per_sec"`
	OpsKind          string                `toml:"ops_kind"`
	Network          string                `toml:"network"`
	IncludesReplicas int64                 `toml:"includes_replicas"`
	MinReplicas      int64                 `toml:"min_replicas"`
	MaxShards        int64                 `toml:"max_shards"`
	USD              figure                `toml:"usd"`
	EUR              figure                `toml:"eur"`
	Per              string                `toml:"per"`
	ProvisionMin     int64                 `toml:"provision_min"`
	ProvisionMax     int64                 `toml:"provision_max"`
	ReadRegionUSD    figure                `toml:"read_region_usd_per_month"`
	Cap              figure                `toml:"cap_usd_per_month"`
	Minimum          figure                `toml:"minimum_usd_per_month"`
	Limit            *rawLimit             `toml:"limit"`
	Charge           map[string]*rawCharge `toml:"charge"`
	Note             string                `toml:"note"`
	NotChosen        string                `toml:"not_chosen"`
	Source           string                `toml:"source"`
	Assumed          string                `toml:"assumed"`
	Unknown          string                `toml:"unknown"`
}

type rawSizing struct {
	Replicas      string `toml:"replicas"`
	UsableShare   figure `toml:"usable_share"`
	UsableWords   string `toml:"usable_words"`
	OpsPerSec     int64  `toml:"ops_per_sec"`
	OpsKind       string `toml:"ops_kind"`
	OpsWords      string `toml:"ops_words"`
	OpsSource     string `toml:"ops_source"`
	MinShards     int64  `toml:"min_shards"`
	MinCluster    int64  `toml:"min_cluster_shards"`
	MaxShards     int64  `toml:"max_shards"`
	MaxNodes      int64  `toml:"max_nodes"`
	FreeNodes     int64  `toml:"nodes_without_asking"`
	Failover      string `toml:"no_failover"`
	ProvisionStep int64  `toml:"provision_step"`
	CPUOpsPerSec  int64  `toml:"cpu_ops_per_sec"`
	CPUWords      string `toml:"cpu_words"`
	Source        string `toml:"source"`
	Assumed       string `toml:"assumed"`
}

type rawPrice struct {
	USD       string `toml:"usd"`
	EUR       string `toml:"eur"`
	Per       string `toml:"per"`
	FromOffer string `toml:"from_offer"`
	Factor    figure `toml:"factor"`
	Source    string `toml:"source"`
	Assumed   string `toml:"assumed"`
}

type rawCommitment struct {
	Term       string   `toml:"term"`
	Upfront    string   `toml:"upfront"`
	USDPerHour string   `toml:"usd_per_hour"`
	USDUpfront string   `toml:"usd_upfront"`
	FromOffer  string   `toml:"from_offer"`
	Factor     figure   `toml:"factor"`
	Plans      []string `toml:"plans"`
	Source     string   `toml:"source"`
	Assumed    string   `toml:"assumed"`
	Note       string   `toml:"note"`
	Kind       string   `toml:"kind"`
	From       string   `toml:"from"`

	Charge map[string]*rawCommittedCharge `toml:"charge"`
}

type rawCommittedCharge struct {
	Factor  figure `toml:"factor"`
	AtLeast string `toml:"at_least"`
	Source  string `toml:"source"`
	Assumed string `toml:"assumed"`
}

type rawSurcharge struct {
	Name       string             `toml:"name"`
	Durability string             `toml:"durability"`
	Step       []rawSurchargeStep `toml:"step"`
	Note       string             `toml:"note"`
	Source     string             `toml:"source"`
	Assumed    string             `toml:"assumed"`
}

type rawSurchargeStep struct {
	Versions []string `toml:"versions"`
	From     string   `toml:"from"`
	Until    string   `toml:"until"`
	Percent  figure   `toml:"percent"`
}

type rawEngine struct {
	Oldest string `toml:"oldest"` // version of the engine that is still run
	Source string `toml:"source"`
}

// rawUnits are the normalized units of a node's size, such as large = "4".
type rawUnits struct {
	Size   map[string]figure `toml:"size"`
	Source string            `toml:"source"`
}

type rawProration struct {
	Hours  int64  `toml:"hours"`
	Source string `toml:"source"`
}

type rawNote struct {
	Words     string `toml:"words"`
	Source    string `toml:"source"`
	OtherSize string `toml:"other_size"`
}

type rawExample struct {
	Words    string         `toml:"words"`
	Workload map[string]any `toml:"workload"`
	Region   string         `toml:"region"`
	Plan     string         `toml:"plan"`
	Shards   int64          `toml:"shards"`
	Term     string         `toml:"term"`
	Upfront  string         `toml:"upfront"`
	AsOf     string         `toml:"as_of"`
	Charge   string         `toml:"charge"`
	USD      figure         `toml:"usd"`
	Source   string         `toml:"source"`
}

// figure is a published number, kept as the text in the card. Money and
// quantities are in quotes in TOML, because a bare number becomes a binary
// float before the program can read it. A figure without quotes is kept with a
// mark, so that the check can report all of them and not only the first.
type figure string

const unquoted = "a bare "

// UnmarshalTOML takes a quoted figure and marks anything else. An empty string
// is an error, not a missing value.
func (f *figure) UnmarshalTOML(v any) error {
	if s, ok := v.(string); ok {
		if s == "" {
			s = " "
		}
		*f = figure(s)
		return nil
	}
	*f = figure(unquoted + fmt.Sprint(v))
	return nil
}
