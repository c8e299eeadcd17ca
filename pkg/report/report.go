// Package report turns results into reports.
//
// A report for people is one page.Document: its words, tables and charts are
// chosen here, and pkg/page writes them in each format, so that every format
// says the same. A report for programs (JSON, CSV, and the formats of CI
// systems) is written from the results themselves: its numbers are exact and
// its keys are a contract.
package report
