"""How the guide is built: `sphinx-build -W -c guide . target/guide`, then open target/guide/guide/index.html.

The pages are plain Markdown, read as well where they lie; what only the built guide has is added here.
"""

project = "Perforin"
author = "the Perforin authors"
html_title = "Perforin"

extensions = ["myst_parser"]
# From the root of the repository, as the guide links to what was validated and to the examples.
root_doc = "guide/index"
include_patterns = ["guide/**.md", "guide/**.svg", "validation/README.md"]

html_theme = "furo"
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
pygments_style = "friendly"
pygments_dark_style = "github-dark"
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0a58a6", "color-brand-content": "#0a58a6"},
    "dark_css_variables": {"color-brand-primary": "#7db8f0", "color-brand-content": "#7db8f0"},
}

# Links to headings are those of GitHub.
myst_heading_anchors = 4
suppress_warnings = ["myst.header"]

# Contents of the side bar by page; the pages list them in words.
CONTENTS = {
    "guide/index": {
        "Begin": ["tutorial", "how-to/index", "from-cells-to-trial", "examples"],
        "Lesion": ["scenes", "fight", "model", "fitting"],
        "Targets": ["targets"],
        "Patient and trial": ["patient", "diagnostics", "trials"],
        "Results": ["viewing", "files"],
        "Reference": ["parameters", "performance", "/validation/README"],
    },
    "guide/how-to/index": {
        "Questions": [
            "antigen-homogeneity",
            "antigen-density",
            "affinity",
            "dose-and-split",
            "lymphodepletion",
            "pd-1-blockade",
            "route",
            "effector-to-target",
            "antigen-pair",
            "diagnostic-cut-off",
        ],
    },
}


def with_contents(_app, page, source):
    """Adds a page's part of the side bar, and a heading to the page that is generated."""
    if page == "guide/parameters":
        source[0] = "# Parameters\n\n" + source[0]
    for caption, pages in CONTENTS.get(page, {}).items():
        source[0] += "\n```{toctree}\n:hidden:\n:caption: " + caption + "\n\n" + "\n".join(pages) + "\n```\n"


def setup(app):
    """Called by Sphinx."""
    app.connect("source-read", with_contents)
    return {"parallel_read_safe": True}
