package serve

import (
	"net"
	"slices"
	"strings"
)

// ours says whether a request's Host is an address or a name of ours. An address cannot be rebound, a name can.
func (h *Handler) ours(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return net.ParseIP(host) != nil || slices.ContainsFunc(h.hosts, func(s string) bool { return strings.EqualFold(s, host) })
}
