// Command reader reads text for the executor as kubectl and helm do, with their own code: manifests (objects.go) and values
// (values.go). It is not part of tools, because it starts in a third of the time.
package main

import (
	"fmt"
	"os"
)

var readers = map[string]func() error{
	"objects": runObjects,
	"values":  runValues,
}

func main() {
	if len(os.Args) != 2 || readers[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: reader objects | reader values, with JSON on standard input")
		os.Exit(2)
	}
	if err := readers[os.Args[1]](); err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(1)
	}
}
