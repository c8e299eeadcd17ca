// Command keynest prices Redis and Valkey workloads on dated, sourced rate cards.
package main

import (
	_ "embed"
	"os"

	"github.com/keynest/keynest/cmd"
)

//go:embed rates.toml
var rates string

func main() {
	os.Exit(cmd.Main(rates, os.Args[1:]))
}
