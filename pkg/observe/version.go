package observe

import "github.com/keynest/keynest/pkg/ratecard"

// version records the version of the engine, since some vendors surcharge old ones:
// redis_version, or valkey_version of a Valkey. Compatible servers report a
// redis_version that is not their own version; for these, and where primaries
// differ, nothing is recorded.
func (d *derivation) version() {
	field, version := "", ""
	for i, s := range d.primaries {
		f := s.last.versionField()
		v := s.last.text(f)
		if f == "" || (i > 0 && v != version) {
			return
		}
		field, version = f, v
	}
	if _, err := ratecard.ParseVersion(version); err == nil {
		d.result.figure("engine_version", version, field)
	}
}

// versionField is the field with the version of a Redis or Valkey; "" for other
// servers.
func (in *Info) versionField() string {
	for _, other := range []string{
		"upstash_version", "dragonfly_version", "kvrocks_version", "pika_version", "garnet_version", "rlec_version", "mvcc_depth", "active_replica",
	} {
		if in.has(other) {
			return ""
		}
	}
	if in.has("valkey_version") || in.text("server_name") == "valkey" {
		return "valkey_version"
	}
	return "redis_version"
}
