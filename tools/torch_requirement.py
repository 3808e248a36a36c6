"""What the wheel requires, for scikit-build-core: the minor version of torch that it was built with, whose C++ interface
it links, and NumPy.
"""

import importlib.metadata


def dynamic_metadata(field, settings=None, project=None):
    major, minor = importlib.metadata.version("torch").split(".")[:2]
    return ["numpy>=1.24", f"torch=={major}.{minor}.*"]
