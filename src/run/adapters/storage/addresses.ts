/**
 * Which network addresses an address given by a person may lead to: public unicast ones, nothing else. Everything that
 * IANA's special-purpose registries (RFC 6890 and after) keep from the open internet is refused, and two addresses that
 * are public by number but answer with a cloud machine's own secrets.
 */
import { BlockList, isIP } from "node:net"

const NOT_PUBLIC_4: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8], // this network
  ["10.0.0.0", 8], // private
  ["100.64.0.0", 10], // carrier-grade NAT; 100.100.100.200 is a metadata service
  ["127.0.0.0", 8], // loopback
  ["168.63.129.16", 32], // Azure's host agent
  ["169.254.0.0", 16], // link-local; 169.254.169.254 is the metadata service
  ["172.16.0.0", 12], // private
  ["192.0.0.0", 24], // protocol assignments; 192.0.0.192 is a metadata service
  ["192.0.2.0", 24], // documentation
  ["192.88.99.0", 24], // 6to4 relays
  ["192.168.0.0", 16], // private
  ["198.18.0.0", 15], // benchmarks
  ["198.51.100.0", 24], // documentation
  ["203.0.113.0", 24], // documentation
  ["224.0.0.0", 4], // multicast
  ["240.0.0.0", 4], // reserved, broadcast
]

// All of IPv6 outside 2000::/3 (loopback, mapped, NAT64, unique local, link-local, multicast …) is refused as a whole.
const NOT_PUBLIC_6: readonly (readonly [string, number])[] = [
  ["2001::", 23], // protocol assignments, Teredo among them
  ["2001:db8::", 32], // documentation
  ["2002::", 16], // 6to4: an IPv4 address in disguise
  ["3fff::", 20], // documentation
]

const refused4 = new BlockList()
for (const [net, bits] of NOT_PUBLIC_4) refused4.addSubnet(net, bits, "ipv4")
const refused6 = new BlockList()
for (const [net, bits] of NOT_PUBLIC_6) refused6.addSubnet(net, bits, "ipv6")
const global6 = new BlockList()
global6.addSubnet("2000::", 3, "ipv6")

/** `address` as the resolver gave it; anything that is not an IP address is not public. */
export function isPublic(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !refused4.check(address, "ipv4")
    case 6:
      return global6.check(address, "ipv6") && !refused6.check(address, "ipv6")
    default:
      return false
  }
}
