"""Do DocSearch, autocomplete and React InstantSearch show what our own API answers?"""

from __future__ import annotations

from typing import Any

import pytest

from tests.clients.conftest import Page

pytestmark = [pytest.mark.clients, pytest.mark.parametrize("page", ["5"], indirect=True)]

#: The versions of DocSearch, and how each is told the index.
DOCSEARCH = {
    "@docsearch/js/dist/umd/docsearch.js": "indices: ['sections']",
    "docsearch-3/dist/umd/index.js": "indexName: 'sections'",
}
OPENED = """
    load(FILE);
    at('docsearch');
    window.docsearch({
        container: '#docsearch', appId: 'site', apiKey: 'public', INDEX, insights: false, maxResultsPerGroup: 20,
        transformSearchClient: (own) => ({...own, search: searchClient.search}),
    });
    await until(() => document.querySelector('.DocSearch-Button'));
    document.querySelector('.DocSearch-Button').click();
    await until(() => document.querySelector('.DocSearch-Input'));
    await type('.DocSearch-Input', QUERY);
    await until(() => document.querySelector('.DocSearch-Hit'));
    const live = document.querySelectorAll('.DocSearch-Hit :is(i, b, em, img, script, svg[onload])').length;
    return {
        links: [...document.querySelectorAll('.DocSearch-Hit a')].map((link) => link.href),
        groups: texts('.DocSearch-Hit-source'),
        texts: texts('.DocSearch-Hit-title'),
        paths: texts('.DocSearch-Hit-path'),
        marks: texts('.DocSearch-Hit mark'), live, ran: typeof window.ran,
    };
"""


def docsearch(page: Page, file: str, query: str) -> Any:
    """What DocSearch shows of the answer."""
    page.open()
    return page.run(OPENED.replace("FILE", repr(file)).replace("INDEX", DOCSEARCH[file]).replace("QUERY", repr(query)))


@pytest.mark.parametrize("file", DOCSEARCH)
def test_docsearch_shows_the_parts_of_each_post_that_answer(page: Page, file: str) -> None:
    shown = docsearch(page, file, "search")
    hits = page.api(q="search", per_page=20)["results"]
    found = [part["url"] for hit in hits for part in (hit["sections"] or [hit["section"] or hit])]
    assert sorted(shown["links"]) == sorted(found)
    assert {mark.lower() for mark in shown["marks"]} >= {"search", "searches"}
    titles = {hit["title"] for hit in hits if any(one["marked"] for one in hit["snippet"])}
    assert not [title for title in titles if title not in " ".join(shown["paths"])]
    assert "operations" in shown["groups"]


@pytest.mark.parametrize("file", DOCSEARCH)
def test_a_post_runs_nothing_in_docsearch(page: Page, file: str) -> None:
    shown = docsearch(page, file, "xyzzy")
    assert (shown["live"], shown["ran"]) == (0, "undefined")
    assert len(shown["links"]) == 1
    assert "<img src=x onerror=ran=1>" in str(shown["texts"] + shown["paths"])


AUTOCOMPLETE = """
    load('@algolia/autocomplete-js/dist/umd/index.production.js');
    const {autocomplete, getAlgoliaResults} = window['@algolia/autocomplete-js'];
    const queries = (query) => [{indexName: 'posts', params: {query, hitsPerPage: 100}}];
    at('box');
    autocomplete({
        container: '#box', detachedMediaQuery: 'none', getSources: ({query}) => [{
            sourceId: 'posts', getItemUrl: ({item}) => item.url,
            getItems: () => getAlgoliaResults({searchClient, queries: queries(query)}),
            templates: {item: ({item, components}) => components.Highlight({hit: item, attribute: 'title'})},
        }],
    });
    await type('.aa-Input', QUERY);
    await until(() => document.querySelector('.aa-Item'));
    const live = document.querySelectorAll('.aa-Panel :is(i, b, em, img, script, svg[onload])').length;
    return {titles: texts('.aa-Item'), marks: texts('.aa-Item mark'), live, ran: typeof window.ran};
"""


def test_autocomplete_shows_titles_with_marks(page: Page) -> None:
    page.open()
    shown = page.run(AUTOCOMPLETE.replace("QUERY", "'posts'"))
    assert shown["titles"] == page.titles(q="posts")
    assert {mark.lower() for mark in shown["marks"]} == {"post"}


def test_a_post_runs_nothing_in_autocomplete(page: Page) -> None:
    page.open()
    shown = page.run(AUTOCOMPLETE.replace("QUERY", "'xyzzy'"))
    assert (shown["live"], shown["ran"]) == (0, "undefined")
    assert "<img src=x onerror=ran=1>" in shown["titles"][0]


REACT = """
    load('react/umd/react.production.min.js', 'react-dom/umd/react-dom.production.min.js',
        'react-instantsearch/dist/umd/ReactInstantSearch.min.js');
    const {InstantSearch, Configure, SearchBox, Stats, RefinementList, Hits, Highlight} = window.ReactInstantSearch;
    const e = window.React.createElement;
    const hit = ({hit}) => e(Highlight, {hit, attribute: 'title'});
    window.ReactDOM.createRoot(at('app')).render(e(InstantSearch, {indexName: 'posts', searchClient, insights: false},
        e(Configure, {hitsPerPage: 5}), e(SearchBox), e(Stats), e(RefinementList, {attribute: 'tags', limit: 100}),
        e(Hits, {hitComponent: hit})));
    await until(() => document.querySelector('.ais-Hits-item'));
"""


def test_react_instantsearch_shows_the_same(page: Page) -> None:
    page.open()
    page.run(REACT)
    assert page.texts(".ais-Hits-item") == page.titles(sort="newest")[:5]
    page.type("search")
    answer = page.api(q="search")
    assert page.texts(".ais-Stats-text")[0].startswith(f"{answer['total']} results")
    page.click(".ais-RefinementList-label", "ranking")
    assert page.texts(".ais-Hits-item") == page.titles(q="search", tag_any="ranking")[:5]
