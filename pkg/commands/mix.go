package commands

// Mix sums the commands by class.
type Mix struct {
	All, Reads, Writes, Scripts, Other, Admin, Unknown int64
}

// Add counts commands into their classes.
func (m *Mix) Add(classes Classes, counts map[string]int64) {
	for name, calls := range counts {
		m.All += calls
		switch classes.Of(name) {
		case Read:
			m.Reads += calls
		case Write:
			m.Writes += calls
		case Script:
			m.Scripts += calls
		case Other:
			m.Other += calls
		case Admin:
			m.Admin += calls
		default:
			m.Unknown += calls
		}
	}
}

// Workload is every command but administration.
func (m Mix) Workload() int64 { return m.All - m.Admin }
