import subprocess
import sys


def test_importing_the_package_loads_no_torch_and_no_transformers():
    code = "import sys, stance; print([m for m in ('torch', 'transformers', 'numpy', 'pydantic') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
