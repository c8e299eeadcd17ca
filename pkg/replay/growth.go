package replay

// Grown is a series in some month from now, as the growth has it.
type Grown struct {
	Month  int // from now; 0 is the series as it is
	Result *Result
}
