/**
 * Which files a process may open from here on, as Linux takes it: landlock(7). At L1 a kernel sees the machine's whole tree, and opens of
 * it what a sandbox would show. What it may do is said in numbers, so that a few lines in any language can do it. Pure.
 */
import type { FileRules, Place } from "#kernel/confine.ts"

/** LANDLOCK_ACCESS_FS_… of linux/landlock.h, and the version of the interface that brought the later ones. */
const EXECUTE = 1 << 0
const WRITE_FILE = 1 << 1
const READ_FILE = 1 << 2
const READ_DIR = 1 << 3
/** To remove and to make: directories, files, devices, sockets, pipes, links. */
const CHANGE_DIR = (1 << 13) - (1 << 4)
const REFER = { bit: 1 << 13, since: 2 }
const TRUNCATE = { bit: 1 << 14, since: 3 }
/** Sockets in the abstract namespace and signals stay among a kernel's own processes: LANDLOCK_SCOPE_…. */
const SCOPED = { bits: 3, since: 6 }

const OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE.bit
const READ = EXECUTE | READ_FILE | READ_DIR
const ALL = READ | WRITE_FILE | CHANGE_DIR | REFER.bit | TRUNCATE.bit
/** Devices and what stands in /proc: whose each is, its owner and mode say. */
const USE = READ_FILE | WRITE_FILE | READ_DIR | TRUNCATE.bit

/**
 * @param abi version of the interface, from 1 on
 * @param isDirectory of a path that exists; of others nothing is allowed
 */
export function fileRules(places: readonly Place[], abi: number, isDirectory: (path: string) => boolean | undefined): FileRules {
  const handled = ALL & ~(abi < REFER.since ? REFER.bit : 0) & ~(abi < TRUNCATE.since ? TRUNCATE.bit : 0)
  const rules = places.flatMap((place) => {
    const isFolder = isDirectory(place.path)
    const access = accessTo(place) & handled & (isFolder ? ALL : OF_FILES)
    return isFolder === undefined || access === 0 ? [] : [{ path: place.path, access }]
  })
  return { handled, scoped: abi < SCOPED.since ? 0 : SCOPED.bits, rules }
}

function accessTo(place: Place): number {
  switch (place.kind) {
    case "bind":
      return place.isWritable ? ALL : READ
    case "tmpfs":
      // Where everybody may write; of what others left there the system's own permissions judge.
      return (place.mode & 0o2) === 0 ? 0 : ALL
    case "proc":
    case "dev":
      return USE
    case "link":
      return 0
  }
}

/** The interface's version, for one who asks with a command line. */
export const ABI_QUESTION = "print syscall(444, 0, 0, 1)"

/** Numbers of system calls from 424 on are the same on every processor; 0x280000 is O_PATH | O_CLOEXEC. */
const RESTRICT = `
delete $ENV{PERL_BADLANG};
my ($handled, $scoped, $count) = map { int } splice @ARGV, 0, 3;
my $asked = pack("QQQ", $handled, 0, $scoped);
my $set = syscall(444, $asked, length $asked, 0);
$set >= 0 or die "landlock: $!\\n";
for (1 .. $count) {
  my ($access, $path) = splice @ARGV, 0, 2;
  sysopen(my $at, $path, 0x280000) or next;
  my $rule = pack("Ql", int $access, fileno $at);
  syscall(445, $set, 1, $rule, 0) == 0 or die "landlock: $path: $!\\n";
}
syscall(446, $set, 0) == 0 or die "landlock: $!\\n";
exec { $ARGV[0] } @ARGV or die "$ARGV[0]: $!\\n";`

/** A command that gives up all other files and then becomes the one behind it. New privileges must be ruled out before. */
export function restrictArguments(perl: string, { handled, scoped, rules }: FileRules): readonly string[] {
  // A locale that is not installed is no reason to complain where the kernel is heard.
  const start = ["/usr/bin/env", "PERL_BADLANG=0", perl, "-e", RESTRICT, "--"]
  return [...start, `${handled}`, `${scoped}`, `${rules.length}`, ...rules.flatMap(({ path, access }) => [`${access}`, path])]
}
