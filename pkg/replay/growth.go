package replay

// Grown is a series as it will be in some month from now.
type Grown struct {
	Month  int // from now; 0 is the series as it is
	Result *Result
}
