# Runs a command and says on standard error how long it took and how much memory it held at most.
import resource
import subprocess
import sys
import time

begin = time.monotonic()
code = subprocess.call(sys.argv[1:])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"{sys.argv[1].rsplit('/', 1)[-1]}: {time.monotonic() - begin:.2f} s, {used.ru_utime + used.ru_stime:.2f} s of processors, "
      f"{used.ru_maxrss / 1024:.0f} MB at most", file=sys.stderr)
sys.exit(code)
