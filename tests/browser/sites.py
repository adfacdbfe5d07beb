"""Which sites do the browser's tests visit: their posts, and the pages that hold a search box?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import server

SCRIPT = Path(server.__file__).parent / "static" / "post-search.js"

#: As strict as it can be: no script but ours, no style but those of files, no text that becomes markup.
POLICY = (
    "default-src 'none'; script-src http://127.0.0.1:*; style-src 'self'; connect-src http://127.0.0.1:*; form-action http://127.0.0.1:*;"
    " base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)

#: What a script would do that a post brings along.
ATTACK = "<img src=x onerror=\"window.harmed = 'yes'\"><script>window.harmed = 'yes'</script>"

POSTS = {
    "sourdough.md": """---
title: Sourdough for people with jobs
date: 2024-03-09
tags: [Baking, Slow food]
---
Flour, water and patience are all it takes.

## Feeding the starter

Feed the sourdough starter in the evening, and it will have doubled by the morning. Keep it warm and it is quicker.

## The long night

Sourdough dough rests in the cold for a night. Cold dough is easy to shape, and tastes of more.
""",
    "rye.md": """---
title: A rye loaf without a tin
date: 2023-11-04
tags: [Baking, Rye]
---
Rye asks for sourdough: without its acid the crumb stays sticky. Bake it hot, then let it stand for a day.
""",
    "pancakes.md": """---
title: What to do with old sourdough
date: 2022-02-01
tags: [Leftovers]
---
## Pancakes

Discarded sourdough makes pancakes, waffles and crackers.
""",
    **{
        f"note-{number}.md": f"---\ntitle: Kitchen note {number}\ndate: 2021-05-{number:02}\ntags: [Notes]\n---\n"
        f"Note {number} about a pan, a knife and a sourdough jar.\n"
        for number in range(1, 8)
    },
    "hostile.md": f"""---
title: '{escape(ATTACK)} hostile title'
tags: [Danger]
---
## Hostile `{ATTACK}` heading

The hostile words `{ATTACK}` are only words.
""",
    "hebrew.md": """---
title: לחם מחמצת ביתי
date: 2024-01-02
lang: he
tags: [לחם]
---
## האכלת המחמצת

המחמצת צריכה אוכל בכל יום. לחם טוב צריך זמן וסבלנות.
""",
}

PAGE = """<!doctype html>
<html lang="{lang}" dir="{dir}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>A blog about bread</title>
<link rel="stylesheet" href="/site.css">
<script src="{script}" {load}></script>
</head>
<body>
<header>
<h1>Bread, slowly</h1>
<post-search {attributes}>
<form action="{api}/search" role="search">
<input type="search" name="q" aria-label="Search this blog"> <button>Search</button>{hidden}
</form>
</post-search>
</header>
<main><h2>Today</h2><p>Nothing happened, and it was <a href="/elsewhere.html">good</a>.</p>
<p><label>A note <input id="note"></label></p></main>
</body>
</html>
"""

STYLE = """:root { color-scheme: light dark; --page: #faf9f6 }
@media (prefers-color-scheme: dark) { :root { --page: #141615 } }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem; font: 1rem/1.6 system-ui, sans-serif;
  background: var(--page); color: CanvasText }
header { display: grid; gap: 1rem; max-width: 36rem }
h1, h2 { margin: 0 }
@media (prefers-color-scheme: dark) { a { color: #9cc9ff } }
"""

FRENCH = """{"search": "Rechercher", "results": {"one": "{n} résultat", "other": "{n} résultats"},
"none": "Aucun résultat pour « {q} »", "help": "Vérifiez l’orthographe.", "close": "Fermer"}"""


def write_posts(folder: Path) -> None:
    for name, text in POSTS.items():
        (folder / name).write_text(text, "utf-8")


def write_site(folder: Path, api: str) -> None:
    """The pages of a blog, each with another kind of search box that asks the server at *api*."""
    script = f"{api}/static/post-search.js"
    plain = {"script": script, "lang": "en", "dir": "ltr", "load": "defer", "attributes": "", "hidden": ""}
    pages = {
        "inline": {},
        "dialog": {"attributes": 'mode="dialog"', "script": "/post-search.js", "load": 'type="module"'},
        "off": {"attributes": 'shortcuts="off" recents="off" limit="2" autoselect'},
        "german": {"lang": "de"},
        "french": {"lang": "fr", "attributes": 'strings="/fr.json" mode="dialog"'},
        "hebrew": {"lang": "he", "dir": "rtl"},
        "narrowed": {"hidden": '<input type="hidden" name="tag" value="Rye">'},
        "early": {"load": "async"},
        "elsewhere": {},
    }
    for name, own in pages.items():
        (folder / f"{name}.html").write_text(PAGE.format(api=api, **plain | own), "utf-8")
    for name in POSTS:
        (folder / Path(name).stem).mkdir()
        (folder / Path(name).stem / "index.html").write_text("<!doctype html><title>A post</title>", "utf-8")
    (folder / "site.css").write_text(STYLE, "utf-8")
    (folder / "fr.json").write_text(FRENCH, "utf-8")
    (folder / "post-search.js").write_bytes(SCRIPT.read_bytes())


@contextmanager
def published(folder: Path) -> Iterator[str]:
    """The address of the files in *folder*, served with our policy."""

    class Quiet(SimpleHTTPRequestHandler):
        def __init__(self, *args: object) -> None:
            super().__init__(*args, directory=str(folder))  # type: ignore[arg-type]

        def end_headers(self) -> None:
            self.send_header("Content-Security-Policy", POLICY)
            super().end_headers()

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as http:
        Thread(target=http.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()
