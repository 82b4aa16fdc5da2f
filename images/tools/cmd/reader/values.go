package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/strvals"
)

// layer is a file of values, or expressions as helm --set takes them.
type layer struct {
	File string   `json:"file"`
	Set  []string `json:"set"`
}

// runValues merges the layers of standard input, the weakest first, as helm merges --values and --set: with Helm's own
// functions. Helm itself takes all --set after all --values.
//
// It prints the values, and on a second line the integers of expressions once more, as expressions: in a file of values
// every number is a float to Helm, and templates tell the two apart.
func runValues() error {
	var layers []layer
	if err := json.NewDecoder(os.Stdin).Decode(&layers); err != nil {
		return fmt.Errorf("standard input: %w", err)
	}
	values := map[string]any{}
	for _, l := range layers {
		if l.File != "" {
			file, err := os.Open(l.File)
			if err != nil {
				return err
			}
			more, err := loader.LoadValues(file)
			file.Close()
			if err != nil {
				return fmt.Errorf("failed to parse %s: %w", l.File, err)
			}
			values = loader.MergeMaps(values, more)
		}
		for _, expression := range l.Set {
			if err := strvals.ParseInto(expression, values); err != nil {
				return fmt.Errorf("values: %q: %s", expression, reason(err))
			}
		}
	}
	again := expressions{list: []string{}, left: maxExpressions}
	again.add(values, "")
	if again.left < 0 {
		return errors.New("the list of values is too long; give values as a mapping")
	}
	out := json.NewEncoder(os.Stdout)
	return errors.Join(out.Encode(values), out.Encode(again.list))
}

var escape = strings.NewReplacer(`\`, `\\`, ".", `\.`, "=", `\=`, ",", `\,`, "[", `\[`)

// reason is Helm's, but for a type assertion of Go that Helm quotes.
func reason(err error) string {
	if strings.Contains(err.Error(), "interface conversion: ") {
		return "it sets a key of something that is no mapping, or an index of something that is no list"
	}
	return err.Error()
}

// maxExpressions is what helm's command line has room for, in bytes.
const maxExpressions = 1 << 20

// expressions set each int64 of a tree to itself.
type expressions struct {
	list []string
	left int
}

func (e *expressions) add(tree any, path string) {
	if e.left < 0 {
		return
	}
	switch node := tree.(type) {
	case int64:
		expression := path + "=" + strconv.FormatInt(node, 10)
		e.list = append(e.list, expression)
		e.left -= len("--set") + len(expression) + 18 // Two ends and two pointers.
	case []any:
		for i, inner := range node {
			e.add(inner, path+"["+strconv.Itoa(i)+"]")
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(node)) {
			step := escape.Replace(key)
			if path != "" {
				step = path + "." + step
			}
			e.add(node[key], step)
		}
	}
}
