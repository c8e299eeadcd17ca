package report

import (
	"encoding/csv"
	"fmt"
	"io"

	"github.com/keynest/keynest/pkg/safetext"
)

// writeCSV writes rows as CSV whose cells a spreadsheet takes for text or numbers,
// never for a formula.
func writeCSV(w io.Writer, rows [][]string) error {
	safe := make([][]string, len(rows))
	for i, row := range rows {
		for _, cell := range row {
			safe[i] = append(safe[i], safetext.Cell(cell))
		}
	}
	if err := csv.NewWriter(w).WriteAll(safe); err != nil {
		return fmt.Errorf("csv: %w", err)
	}
	return nil
}
