// Command proxy-agent is konnectivity's agent: it opens the tunnel through which the API server reaches a tenant's network.
package main

import (
	"flag"
	"os"

	"k8s.io/klog/v2"
	"sigs.k8s.io/apiserver-network-proxy/cmd/agent/app"
	"sigs.k8s.io/apiserver-network-proxy/cmd/agent/app/options"
)

func main() {
	o := options.NewGrpcProxyAgentOptions()
	command := app.NewAgentCommand(&app.Agent{}, o)
	command.Flags().AddFlagSet(o.Flags())
	logging := flag.NewFlagSet(os.Args[0], flag.ExitOnError)
	klog.InitFlags(logging)
	for _, name := range []string{"v", "vmodule", "logtostderr"} {
		command.Flags().AddGoFlag(logging.Lookup(name))
	}
	if err := command.Execute(); err != nil {
		klog.Errorf("proxy-agent: %v", err)
		klog.Flush()
		os.Exit(1)
	}
}
