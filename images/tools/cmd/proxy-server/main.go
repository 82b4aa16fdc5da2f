// Command proxy-server is konnectivity's server: it accepts agents' tunnels and dials through them for the API server.
package main

import (
	"flag"
	"os"

	"k8s.io/klog/v2"
	"sigs.k8s.io/apiserver-network-proxy/cmd/server/app"
	"sigs.k8s.io/apiserver-network-proxy/cmd/server/app/options"
)

func main() {
	o := options.NewProxyRunOptions()
	command := app.NewProxyCommand(&app.Proxy{}, o)
	command.Flags().AddFlagSet(o.Flags())
	logging := flag.NewFlagSet(os.Args[0], flag.ExitOnError)
	klog.InitFlags(logging)
	for _, name := range []string{"v", "vmodule", "logtostderr"} {
		command.Flags().AddGoFlag(logging.Lookup(name))
	}
	if err := command.Execute(); err != nil {
		klog.Errorf("proxy-server: %v", err)
		klog.Flush()
		os.Exit(1)
	}
}
