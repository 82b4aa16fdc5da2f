// Command flanneld is flannel's daemon with what a node of a tenant needs of it: the Kubernetes subnet
// manager and the vxlan backend. The flags that it has are called as flannel's own.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/flannel-io/flannel/pkg/backend"
	_ "github.com/flannel-io/flannel/pkg/backend/vxlan"
	"github.com/flannel-io/flannel/pkg/ip"
	"github.com/flannel-io/flannel/pkg/ipmatch"
	"github.com/flannel-io/flannel/pkg/subnet"
	"github.com/flannel-io/flannel/pkg/subnet/kube"
	"github.com/flannel-io/flannel/pkg/trafficmngr/iptables"
	"k8s.io/klog/v2"
)

type options struct {
	kubeconfig, netConfig, subnetFile, iface, publicIP string
	ipMasq, forwardRules                               bool
	resyncSeconds                                      int
}

func parse() options {
	var o options
	flag.StringVar(&o.kubeconfig, "kubeconfig-file", "", "kubeconfig of the tenant")
	flag.StringVar(&o.netConfig, "net-config-path", "/etc/kube-flannel/net-conf.json", "network configuration")
	flag.StringVar(&o.subnetFile, "subnet-file", "/run/flannel/subnet.env", "where subnet and MTU are written")
	flag.StringVar(&o.iface, "iface", "", "link or address for traffic between nodes; default the default route's")
	flag.StringVar(&o.publicIP, "public-ip", "", "address at which other nodes reach this one")
	flag.BoolVar(&o.ipMasq, "ip-masq", false, "masquerade what leaves the pod network")
	flag.BoolVar(&o.forwardRules, "iptables-forward-rules", true, "accept forwarded pod traffic")
	flag.IntVar(&o.resyncSeconds, "iptables-resync", 5, "seconds between looks at the rules")
	flag.Bool("kube-subnet-mgr", true, "accepted; there is no other")
	klog.InitFlags(nil)
	flag.Parse()
	return o
}

// network finds the link to the other nodes and registers this node's subnet on it.
func network(ctx context.Context, wg *sync.WaitGroup, o options, sm subnet.Manager, config *subnet.Config) (backend.Network, error) {
	family, err := ipmatch.GetIPFamily(config.EnableIPv4, config.EnableIPv6)
	if err != nil {
		return nil, err
	}
	link, err := ipmatch.LookupExtIface(o.iface, "", "", family, ipmatch.PublicIPOpts{PublicIP: o.publicIP})
	if err != nil {
		return nil, fmt.Errorf("no link to the other nodes: %w", err)
	}
	be, err := backend.NewManager(ctx, sm, link).GetBackend(config.BackendType)
	if err != nil {
		return nil, err
	}
	return be.RegisterNetwork(ctx, wg, config)
}

func run(ctx context.Context, wg *sync.WaitGroup, o options) error {
	sm, err := kube.NewSubnetManager(ctx, "", o.kubeconfig, "flannel.alpha.coreos.com", o.netConfig, true)
	if err != nil {
		return fmt.Errorf("subnet manager: %w", err)
	}
	config, err := sm.GetNetworkConfig(ctx)
	if err != nil {
		return fmt.Errorf("network configuration: %w", err)
	}
	joined, err := network(ctx, wg, o, sm, config)
	if err != nil {
		return err
	}
	lease := joined.Lease()
	rules := &iptables.IPTablesManager{}
	if err := rules.Init(ctx); err != nil {
		return fmt.Errorf("iptables: %w", err)
	}
	if o.ipMasq {
		none, none6 := ip.IP4Net{}, ip.IP6Net{}
		if err := rules.SetupAndEnsureMasqRules(ctx, config.Network, none, none, config.IPv6Network, none6, none6, lease, o.resyncSeconds, false); err != nil {
			return fmt.Errorf("masquerading: %w", err)
		}
	}
	if o.forwardRules {
		rules.SetupAndEnsureForwardRules(ctx, config.Network, config.IPv6Network, o.resyncSeconds)
	}
	if err := sm.HandleSubnetFile(o.subnetFile, config, o.ipMasq, lease.Subnet, lease.IPv6Subnet, joined.MTU()); err != nil {
		return fmt.Errorf("subnet file: %w", err)
	}
	klog.Infof("subnet %s, MTU %d", lease.Subnet, joined.MTU())
	wg.Add(1)
	go func() {
		defer wg.Done()
		joined.Run(ctx)
	}()
	return sm.CompleteLease(ctx, lease, wg)
}

func main() {
	o := parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	var wg sync.WaitGroup
	if err := run(ctx, &wg, o); err != nil && ctx.Err() == nil {
		klog.Errorf("flanneld: %v", err)
		klog.Flush()
		os.Exit(1)
	}
	<-ctx.Done()
	stop()
	wg.Wait()
}
