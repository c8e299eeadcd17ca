package replay

import (
	"math/bits"

	"github.com/keynest/keynest/pkg/unit"
)

// amounts are what a row moves in bytes, its ECPU in thousandths and the bytes it
// stores; what the file does not have follows from the commands and the options.
func (r *reader) amounts(s *sample, commands int64) (transfer, ecpu, stored int64, err error) {
	transfer = s[inBytes]
	switch {
	case r.layout.has(inBytesIn):
		transfer = s[inBytesIn] + s[inBytesOut]
	case !r.layout.has(inBytes):
		hi, lo := bits.Mul64(uint64(commands), uint64(r.opt.PayloadBytes))
		if hi != 0 || lo > uint64(top) {
			return 0, 0, 0, unit.ErrRange
		}
		transfer = int64(lo)
	}
	ecpu = s[inECPU]
	if !r.layout.has(inECPU) {
		if commands > top/1000 {
			return 0, 0, 0, unit.ErrRange
		}
		ecpu = max(1000*commands, transfer)
	}
	stored = s[inStored]
	if !r.layout.has(inStored) {
		stored = r.opt.StoredBytes
	}
	return transfer, ecpu, stored, nil
}
