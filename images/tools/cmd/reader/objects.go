package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v2"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/cli-runtime/pkg/resource"
)

// manifest is a file to read: text is UTF-8.
type manifest struct {
	File string `json:"file"`
	Text string `json:"text"`
}

// object is one line of the output: an object as kubectl would send it, or what is wrong with a document.
type object struct {
	File       string `json:"file"`
	Document   int    `json:"document,omitempty"`
	Error      string `json:"error,omitempty"`
	APIVersion string `json:"apiVersion,omitempty"`
	Kind       string `json:"kind,omitempty"`
	Namespace  string `json:"namespace,omitempty"`
	Name       string `json:"name,omitempty"`
	Text       string `json:"text,omitempty"`
}

// runObjects reads manifests from standard input and prints their objects, one line of JSON for each. It stops at the
// first document that kubectl would refuse. The readers are kubectl's own, so nothing here knows any YAML.
func runObjects() error {
	var in struct {
		// Limit is how many characters aliases may add to a file.
		Limit     int        `json:"limit"`
		Manifests []manifest `json:"manifests"`
	}
	if err := json.NewDecoder(os.Stdin).Decode(&in); err != nil {
		return fmt.Errorf("standard input: %w", err)
	}
	buffered := bufio.NewWriter(os.Stdout)
	defer buffered.Flush()
	out := json.NewEncoder(buffered)
	for _, m := range in.Manifests {
		if failed := printObjects(out, m, in.Limit); failed != nil {
			failed.File = m.File
			return out.Encode(failed)
		}
	}
	return nil
}

func printObjects(out *json.Encoder, m manifest, limit int) *object {
	if !checkAliases(m.Text, len(m.Text)+limit) {
		return &object{Error: fmt.Sprintf("its aliases (*name) expand to more than %d MiB; replace them with their content", limit>>20)}
	}
	documents := utilyaml.NewYAMLOrJSONDecoder(strings.NewReader(m.Text), 4096)
	for number := 1; ; number++ {
		var document runtime.RawExtension
		err := documents.Decode(&document)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return &object{Document: number, Error: "is not YAML: " + cause(err)}
		}
		raw := bytes.TrimSpace(document.Raw)
		if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
			continue
		}
		if raw[0] != '{' {
			return &object{Document: number, Error: "is not a Kubernetes object"}
		}
		if err := visit(raw, func(o object) error {
			o.File, o.Document = m.File, number
			return out.Encode(o)
		}); err != nil {
			return &object{Document: number, Error: "is not a Kubernetes object: " + cause(err)}
		}
	}
}

// visit calls fn with the object of a document, or with each one of a List.
func visit(document []byte, fn func(object) error) error {
	return resource.NewLocalBuilder().
		Unstructured().
		Stream(bytes.NewReader(document), source).
		Flatten().
		Do().
		Visit(func(info *resource.Info, err error) error {
			if err != nil {
				return err
			}
			text, err := runtime.Encode(unstructured.UnstructuredJSONScheme, info.Object)
			if err != nil {
				return err
			}
			gvk := info.Object.GetObjectKind().GroupVersionKind()
			apiVersion, kind := gvk.ToAPIVersionAndKind()
			return fn(object{
				APIVersion: apiVersion, Kind: kind, Namespace: info.Namespace, Name: info.Name,
				Text: strings.TrimSuffix(string(text), "\n"),
			})
		})
}

// source stands for the document in the readers' messages, and is cut from them.
const source = "document"

// wrongType is how Go's JSON names a value in metadata that is not of the field's type.
var wrongType = regexp.MustCompile(`json: cannot unmarshal (\w+) into Go struct field ObjectMeta\.(\S+) of type (\w+)`)

// cause is an error without the readers' prefixes.
func cause(err error) string {
	text := err.Error()
	for _, prefix := range []string{
		"error converting YAML to JSON: ", "yaml: ", "error parsing " + source + ": ",
		fmt.Sprintf("unable to decode %q: ", source),
	} {
		text = strings.TrimPrefix(text, prefix)
	}
	if strings.Contains(text, "'Kind' is missing") {
		return "it needs apiVersion and kind" // Without the document, which the reader quotes.
	}
	return wrongType.ReplaceAllString(text, "$2 has a $1 where a $3 is expected; put it in quotes")
}

// checkAliases reports whether a text and its aliases stand for at most limit characters. It does so before they are
// written out: nothing else bounds what a short text can mean.
func checkAliases(text string, limit int) bool {
	if !strings.Contains(text, "&") || !strings.Contains(text, "*") {
		return true
	}
	documents := utilyaml.NewYAMLReader(bufio.NewReader(strings.NewReader(text)))
	for left := limit; ; {
		document, err := documents.Read()
		if err != nil {
			return true // What is wrong, the reader proper says.
		}
		var tree any
		err = yaml.Unmarshal(document, &tree)
		if err != nil && strings.Contains(err.Error(), "aliasing") || err == nil && !charge(tree, &left) {
			return false
		}
	}
}

// charge counts a tree, written out, and reports whether something is left.
func charge(tree any, left *int) bool {
	switch node := tree.(type) {
	case string:
		*left -= len(node)
	case []any:
		for _, inner := range node {
			if !charge(inner, left) {
				return false
			}
		}
	case map[any]any:
		for key, inner := range node {
			if !charge(key, left) || !charge(inner, left) {
				return false
			}
		}
	}
	*left--
	return *left > 0
}
