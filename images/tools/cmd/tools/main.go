// Command tools is helm, kustomize and kubectl in one binary. The name it is
// called by picks the program, so an image holds one file and three links.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	helm "helm.sh/helm/v4/pkg/cmd"
	"k8s.io/component-base/cli"
	"k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/util"
	"sigs.k8s.io/kustomize/kustomize/v5/commands"
)

var programs = map[string]func() error{
	"helm":      runHelm,
	"kustomize": func() error { return commands.NewDefaultCommand().Execute() },
	"kubectl":   runKubectl,
}

func main() {
	name := filepath.Base(os.Args[0])
	run, known := programs[name]
	if !known {
		fmt.Fprintf(os.Stderr, "%s: call this binary as helm, kustomize or kubectl\n", name)
		os.Exit(2)
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(1)
	}
}

func runHelm() error {
	helm.SetupLogging(false)
	root, err := helm.NewRootCmd(os.Stdout, os.Args[1:], helm.SetupLogging)
	if err != nil {
		return err
	}
	root.SilenceErrors = true
	return root.Execute()
}

// runKubectl exits by itself on failure, with kubectl's own messages.
func runKubectl() error {
	if err := cli.RunNoErrOutput(cmd.NewDefaultKubectlCommand()); err != nil {
		util.CheckErr(err)
	}
	return nil
}
