"""The pages that the program writes, in Debian's Chromium."""

import os
import pathlib
import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from recorded_study import record, record_study  # noqa: E402

PROGRAM = pathlib.Path(os.environ.get("CLOUDMASK_PROGRAM", "build/cloudmask")).resolve()
PAGES = ("report", "compare", "scaling")
SCHEMES = ("light", "dark")
PHONE = {"width": 360, "height": 740}
SETTINGS = {"train_dir": "train", "inference_dir": "test", "output_dir": "out", "model_file": "out/model.h5",
            "log_file": "out/log", "mlperf_logfile": "out/mlperf", "PATCH_SIZE": 64, "CROP_SIZE": 16, "base_filters": 4,
            "batch_size": 4, "learning_rate": 0.005, "epochs": 3, "threads": 2}
# Root needs --no-sandbox; the rest keeps the browser itself from talking to anybody.
CHROMIUM_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                  "--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    """One page of each kind: of 20 scenes whose pictures have the full size of a gallery, and of a recorded study."""
    folder = tmp_path_factory.mktemp("browser")

    def program(*arguments):
        subprocess.run([PROGRAM, "--quiet", *arguments], cwd=folder, check=True, timeout=300, stdout=subprocess.DEVNULL)

    program("synth", "train", "--scenes", "4", "--seed", "1", "--height", "192", "--width", "200")
    program("synth", "test", "--scenes", "20", "--seed", "2", "--height", "384", "--width", "480")
    (folder / "run.yaml").write_text("".join(f"{key}: {value}\n" for key, value in SETTINGS.items()))
    program("run", "--config", "run.yaml")
    program("screen", "--method", "threshold", "--output", "screened", "test")
    program("compare", "--scenes", "test", "network=out", "threshold=screened", "--html", "compared.html")
    record(record_study(folder / "study"), "crowded", 4, 32, cores=2)  # left out, and named
    program("report", "--scaling", "study")
    return {"report": folder / "out/report.html", "compare": folder / "compared.html",
            "scaling": folder / "study/scaling.html"}


@pytest.fixture(scope="session")
def browser():
    path = shutil.which("chromium")
    assert path, "no chromium here: tools/setup.sh test installs it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser, files):
    """open_page(name, **context) -> page; what it asked of the network and complained about is looked at in the end."""
    opened = []

    def open_it(name, **options):
        context = browser.new_context(**options)
        page = context.new_page()
        seen = SimpleNamespace(requests=[], complaints=[])
        page.on("request", lambda request: seen.requests.append(request.url))
        page.on("console", lambda message: seen.complaints.append(message.text))
        page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        url = files[name].as_uri()
        page.goto(url)
        opened.append((url, context, seen))
        return page

    yield open_it
    for url, context, seen in opened:
        context.close()
        assert [request for request in seen.requests if not request.startswith("data:")] == [url]
        assert seen.complaints == []
