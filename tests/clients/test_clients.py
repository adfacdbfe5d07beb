"""Do Algolia's clients get on with the server, and can no post run anything in their pages?"""

from __future__ import annotations

from typing import Any

import pytest

from tests.clients.conftest import BLOG, Page
from tests.server.running import get

pytestmark = pytest.mark.clients

#: What asks for marks in a way that is put into a page as it is, as DocSearch does.
AS_DOCSEARCH = """
    const {results: [{hits}]} = await client.search([{
        indexName: INDEX, query: 'xyzzy',
        params: {attributesToSnippet: ['*:50'], highlightPreTag: '<mark>', highlightPostTag: '</mark>'},
    }]);
    const found = [];
    const gather = (one) => typeof one === 'string' ? found.push(one) : one && Object.values(one).forEach(gather);
    hits.forEach((hit) => gather([hit._highlightResult, hit._snippetResult, hit.hierarchy, hit.content]));
    const shown = at('shown');
    shown.innerHTML = found.join('<hr>');
    const live = new Set([...shown.querySelectorAll('*')].map((one) => one.localName));
    return {hits: hits.length, live: [...live], text: shown.textContent, ran: typeof window.ran};
"""


@pytest.mark.parametrize("index", ["posts", "sections"])
def test_what_is_put_into_a_page_as_it_is_is_text_and_marks(page: Page, index: str) -> None:
    page.open()
    told = page.run(AS_DOCSEARCH.replace("INDEX", repr(index)))
    assert told["hits"] == 1
    assert sorted(told["live"]) == ["hr", "mark"]
    assert "Xyzzy <img src=x onerror=ran=1> __ais-highlight__<i>no</i>" in told["text"]
    assert told["ran"] == "undefined"


def test_a_post_runs_nothing_in_the_widgets(page: Page) -> None:
    show = "components.Highlight({hit, attribute: 'title'}), components.Highlight({hit, attribute: 'description'})"
    show += ", components.Highlight({hit, attribute: 'tags'}), components.Snippet({hit, attribute: 'body'})"
    page.start(
        "searchBox({container: at('box')})",
        "configure({attributesToSnippet: ['body:80']})",
        f"hits({{container: at('hits'), templates: {{item: (hit, {{html, components}}) => html`${{[{show}]}}`}}}})",
        "refinementList({container: at('tags'), attribute: 'tags', searchable: true})",
    )
    page.type("xyzzy")
    page.fill("#tags .ais-SearchBox-input", "xyzzy <b")
    assert page.texts("#tags .ais-RefinementList-item .ais-Highlight, #tags .ais-RefinementList-labelText")
    (told,) = page.run("return [...document.querySelectorAll('#hits li')].map((one) => one.textContent)")
    assert "Xyzzy <img src=x onerror=ran=1>" in told
    live = page.run("return document.querySelectorAll('#hits :is(i, b, em, img, svg, script), #tags b').length")
    assert (live, page.run("return typeof window.ran")) == (0, "undefined")
    assert {text.lower() for text in page.texts("#hits mark")} == {"xyzzy"}


def test_a_page_of_another_site_may_not_read(page: Page) -> None:
    page.open()
    assert get(f"{page.server}/healthz")[0] == 200
    program = """
        const strange = new window.XMLHttpRequest();
        const done = new Promise((told) => strange.addEventListener('loadend', () => told(strange.responseText)));
        strange.open('POST', SERVER + '/1/indexes/*/queries');
        strange.send('{"requests": []}');
        return await done;
    """.replace("SERVER", repr(page.server))
    assert page.run(program) == '{"results":[]}'
    page.open("http://evil.example/")
    told = page.tell(program)
    assert told["value"] == ""
    assert BLOG not in str(told)


FULL: dict[str, Any] = {
    "5": """
        const asking = full('site', 'public', {hosts: [{url: host, protocol: 'http', accept: 'readWrite'}]});
        const one = await asking.searchSingleIndex({indexName: 'posts', searchParams: {query: 'search'}});
        const {facetHits} = await asking.searchForFacetValues(
            {indexName: 'posts', facetName: 'tags', searchForFacetValuesRequest: {facetQuery: 'sea'}});
        const failed = await asking.searchSingleIndex({indexName: 'foo'}).catch((error) => error);
        return [one.nbHits, facetHits, failed.message, failed.status];
    """,
    "4": """
        const asking = full('site', 'public', {hosts: [{url: host, protocol: 'http', accept: 3}]});
        const one = await asking.initIndex('posts').search('search');
        const {facetHits} = await asking.initIndex('posts').searchForFacetValues('tags', 'sea');
        const failed = await asking.initIndex('foo').search('').catch((error) => error);
        return [one.nbHits, facetHits, failed.message, failed.status];
    """,
}


def test_the_full_client_asks_as_well_as_the_small_one(page: Page) -> None:
    page.open()
    number, values, message, status = page.run(FULL[page.version])
    assert number == page.api(q="search")["total"]
    assert [value["value"] for value in values] == ["search"]
    assert values[0]["highlighted"] == "<em>sea</em>rch"
    assert (message, status) == ("Index foo does not exist", 404)
