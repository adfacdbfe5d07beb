"""Do the widgets of InstantSearch show what our own API answers?"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.clients.conftest import Page

pytestmark = pytest.mark.clients

BOX = "searchBox({container: at('box')})"
HITS = "hits({container: at('hits'), templates: {item: (hit, {html}) => html`<b>${hit.title}</b>`}})"
STATS = "stats({container: at('stats')})"
SMALL = "configure({hitsPerPage: 5})"
ALL = "configure({hitsPerPage: 100})"


COUNTS = """return [...document.querySelectorAll('.ais-NAME-item')].map((item) => {
    const [label, count] = ['labelText', 'count'].map((part) => item.querySelector(`.ais-NAME-${part}`));
    return [(label ?? item.querySelector('.ais-NAME-label')).textContent, Number(count.textContent)];
})"""


def counts(page: Page, widget: str) -> dict[str, int]:
    """The values that a widget lists, and their counts."""
    return dict(page.run(COUNTS.replace("NAME", widget)))


def facet(answer: Any, name: str) -> dict[str, int]:
    return {one["value"]: one["count"] for one in answer["facets"][name]}


def test_search_box_and_hits_answer_as_a_reader_types(page: Page) -> None:
    page.start(BOX, HITS, ALL)
    assert page.texts("#hits b") == page.titles(sort="newest")
    page.type("search")
    assert page.texts("#hits b") == page.titles(q="search")
    assert page.run("return asked.at(-1).params?.query ?? asked.at(-1).query") == "search"


def test_stats_tells_how_many_there_are(page: Page) -> None:
    page.start(BOX, STATS)
    page.type("search")
    assert re.match(rf"{page.api(q='search')['total']} results found in \d+ms", page.texts(".ais-Stats-text")[0])


def test_infinite_hits_shows_one_page_after_the_other(page: Page) -> None:
    page.start(
        BOX,
        SMALL,
        "infiniteHits({container: at('hits'), templates: {item: (hit, {html}) => html`<b>${hit.title}</b>`}})",
    )
    page.type("search")
    titles = page.titles(q="search")
    shown = 5
    while shown < len(titles):
        assert page.texts("#hits b") == titles[:shown]
        page.click(".ais-InfiniteHits-loadMore")
        shown += 5
    assert page.texts("#hits b") == titles
    assert page.run("return document.querySelector('.ais-InfiniteHits-loadMore').disabled")


def test_highlight_marks_the_words_of_the_question(page: Page) -> None:
    item = "(hit, {html, components: {Highlight}}) => html`${Highlight({hit, attribute: 'title'})}`"
    page.start(BOX, ALL, f"hits({{container: at('hits'), templates: {{item: {item}}}}})")
    page.type("posts")
    assert page.texts(".ais-Highlight") == page.titles(q="posts")
    assert {text.lower() for text in page.texts(".ais-Highlight mark")} == {"post"}  # a form of the word


def test_highlight_marks_what_is_in_a_list(page: Page) -> None:
    item = "(hit, {html, components: {Highlight}}) => html`${Highlight({hit, attribute: 'tags'})}`"
    page.start(BOX, ALL, f"hits({{container: at('hits'), templates: {{item: {item}}}}})")
    page.type("accessibility")
    assert page.texts(".ais-Highlight") == [", ".join(hit["tags"]) for hit in page.api(q="accessibility")["results"]]
    assert "accessibility" in page.texts(".ais-Highlight mark")


def test_snippet_shows_the_passage_that_answers(page: Page) -> None:
    item = "(hit, {html, components: {Snippet}}) => html`${Snippet({hit, attribute: 'body'})}`"
    page.start(
        BOX,
        "configure({hitsPerPage: 100, attributesToSnippet: ['body:100']})",
        f"hits({{container: at('hits'), templates: {{item: {item}}}}})",
    )
    page.type("nginx")
    snippets = [hit["snippet"] for hit in page.api(q="nginx")["results"]]
    assert page.texts(".ais-Snippet") == ["".join(one["text"] for one in snippet).strip() for snippet in snippets]
    marked = [one["text"] for snippet in snippets for one in snippet if one["marked"]]
    assert page.texts(".ais-Snippet mark") == marked


def test_refinement_list_narrows_by_any_of_some_values(page: Page) -> None:
    page.start(BOX, STATS, HITS, ALL, "refinementList({container: at('tags'), attribute: 'tags', limit: 100})")
    page.type("search")
    assert counts(page, "RefinementList") == facet(page.api(q="search"), "tags")
    page.click(".ais-RefinementList-label", "writing")
    assert sorted(page.texts("#hits b")) == sorted(page.titles(q="search", tag_any="writing"))
    assert counts(page, "RefinementList") == facet(page.api(q="search"), "tags")
    page.click(".ais-RefinementList-label", "ranking")
    both = page.titles(q="search", tag_any=["writing", "ranking"])
    assert page.texts("#hits b") == both
    assert page.texts(".ais-RefinementList-item--selected .ais-RefinementList-labelText") == ["writing", "ranking"]


def test_refinement_list_narrows_by_all_of_some_values(page: Page) -> None:
    widget = "refinementList({container: at('tags'), attribute: 'tags', limit: 100, operator: 'and'})"
    page.start(BOX, HITS, ALL, widget)
    page.click(".ais-RefinementList-label", "search")
    page.click(".ais-RefinementList-label", "ranking")
    answer = page.api(tag=["search", "ranking"], sort="newest")
    assert page.texts("#hits b") == [hit["title"] for hit in answer["results"]]
    assert counts(page, "RefinementList") == facet(answer, "tags")


def test_refinement_list_looks_for_values_as_a_reader_types(page: Page) -> None:
    page.start("refinementList({container: at('tags'), attribute: 'tags', searchable: true, limit: 5})")
    page.fill("#tags .ais-SearchBox-input", "se")
    every = facet(page.api(), "tags")
    assert counts(page, "RefinementList") == {name: count for name, count in every.items() if name.startswith("se")}
    assert {text.lower() for text in page.texts("#tags mark")} == {"se"}


def test_refinement_list_shows_more_values(page: Page) -> None:
    widget = "refinementList({container: at('tags'), attribute: 'tags', limit: 3, showMore: true, showMoreLimit: 50})"
    page.start(widget)
    every = facet(page.api(), "tags")
    assert sorted(counts(page, "RefinementList").values()) == sorted(every.values())[-3:]
    page.click(".ais-RefinementList-showMore")
    assert counts(page, "RefinementList") == every


def test_menu_narrows_by_one_value(page: Page) -> None:
    page.start(HITS, ALL, "menu({container: at('years'), attribute: 'year'})")
    years = facet(page.api(facets="years"), "years")
    assert counts(page, "Menu") == years
    page.click(".ais-Menu-link", "2024")
    assert page.texts("#hits b") == page.titles(year="2024", sort="newest")
    assert counts(page, "Menu") == years


LEVELS = "attributes: ['categories.lvl0', 'categories.lvl1']"


def test_hierarchical_menu_shows_the_tags_within_a_category(page: Page) -> None:
    page.start(HITS, ALL, f"hierarchicalMenu({{container: at('menu'), {LEVELS}}})")
    every = facet(page.api(facets="categories"), "categories")
    assert counts(page, "HierarchicalMenu") == every
    page.click(".ais-HierarchicalMenu-link", "Guides")
    answer = page.api(category="Guides", sort="newest")
    assert page.texts("#hits b") == [hit["title"] for hit in answer["results"]]
    assert counts(page, "HierarchicalMenu") == every | facet(answer, "tags")
    tag = min(facet(answer, "tags"))
    page.click(".ais-HierarchicalMenu-list--child .ais-HierarchicalMenu-link", tag)
    assert page.texts("#hits b") == page.titles(category="Guides", tag=tag, sort="newest")
    assert counts(page, "HierarchicalMenu") == every | facet(answer, "tags")


def test_breadcrumb_leads_back(page: Page) -> None:
    menu = f"hierarchicalMenu({{container: at('menu'), {LEVELS}}})"
    page.start(HITS, ALL, menu, f"breadcrumb({{container: at('crumbs'), {LEVELS}}})")
    page.click(".ais-HierarchicalMenu-link", "Guides")
    page.click(".ais-HierarchicalMenu-list--child .ais-HierarchicalMenu-link")
    assert [text.strip(" >") for text in page.texts(".ais-Breadcrumb-item")][:2] == ["Home", "Guides"]
    page.click(".ais-Breadcrumb-link", "Guides")
    assert page.texts("#hits b") == page.titles(category="Guides", sort="newest")
    page.click(".ais-Breadcrumb-link", "Home")
    assert page.texts("#hits b") == page.titles(sort="newest")


def test_pagination_leads_through_all_pages(page: Page) -> None:
    page.start(BOX, HITS, SMALL, "pagination({container: at('pages')})")
    page.type("search")
    titles = page.titles(q="search")
    pages = page.texts(".ais-Pagination-item--page")
    assert pages == [str(number) for number in range(1, -(-len(titles) // 5) + 1)]
    page.click(".ais-Pagination-item--page .ais-Pagination-link", "2")
    assert page.texts("#hits b") == titles[5:10]
    page.click(".ais-Pagination-item--lastPage .ais-Pagination-link")
    assert page.texts("#hits b") == titles[(len(titles) - 1) // 5 * 5 :]


def test_sort_by_changes_the_order(page: Page) -> None:
    items = ", ".join(
        f"{{value: '{name}', label: '{name}'}}" for name in ("posts", "posts_date_desc", "posts_date_asc")
    )
    page.start(BOX, HITS, ALL, f"sortBy({{container: at('sort'), items: [{items}]}})")
    page.type("search")
    for index, sort in (("posts_date_desc", "newest"), ("posts_date_asc", "oldest"), ("posts", "relevance")):
        page.choose(".ais-SortBy-select", index)
        assert page.texts("#hits b") == page.titles(q="search", sort=sort)


def test_hits_per_page_cuts_the_answer(page: Page) -> None:
    items = "[{value: 3, label: '3', default: true}, {value: 7, label: '7'}]"
    page.start(BOX, HITS, f"hitsPerPage({{container: at('size'), items: {items}}})")
    page.type("search")
    assert page.texts("#hits b") == page.titles(q="search")[:3]
    page.choose(".ais-HitsPerPage-select", "7")
    assert page.texts("#hits b") == page.titles(q="search")[:7]


def test_current_and_clear_refinements_take_them_away(page: Page) -> None:
    page.start(
        HITS,
        ALL,
        "refinementList({container: at('tags'), attribute: 'tags', limit: 100})",
        "menu({container: at('years'), attribute: 'year'})",
        "currentRefinements({container: at('current')})",
        "clearRefinements({container: at('clear')})",
    )
    page.click(".ais-RefinementList-label", "search")
    page.click(".ais-Menu-link", "2024")
    assert sorted(page.texts(".ais-CurrentRefinements-categoryLabel")) == ["2024", "search"]
    assert page.texts("#hits b") == page.titles(year="2024", tag="search", sort="newest")
    page.click("#current li:first-child .ais-CurrentRefinements-delete")
    assert page.texts("#hits b") == page.titles(year="2024", sort="newest")
    page.click(".ais-ClearRefinements-button")
    assert page.texts("#hits b") == page.titles(sort="newest")


RANGE = """
    const [low, high] = document.querySelectorAll('.ais-RangeInput-input');
    for (const [input, value] of [[low, LOW], [high, HIGH]]) {
        input.value = value;
        input.dispatchEvent(new window.Event('input', {bubbles: true}));
        await settled();
    }
    const form = document.querySelector('.ais-RangeInput-form');
    form.dispatchEvent(new window.Event('submit', {bubbles: true, cancelable: true}));
    await settled();
"""


def moment(date: str) -> int:
    found = datetime.fromisoformat(date)
    return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())


@pytest.mark.parametrize("attribute", ["date_ts", "year"])
def test_range_input_goes_from_the_first_to_the_last(page: Page, attribute: str) -> None:
    page.start(HITS, ALL, f"rangeInput({{container: at('range'), attribute: '{attribute}'}})")
    dates = sorted(hit["date"] for hit in page.api()["results"] if hit["date"])
    ends = [moment(date) if attribute == "date_ts" else int(date[:4]) for date in (dates[0], dates[-1])]
    assert page.run("return [...document.querySelectorAll('.ais-RangeInput-input')].map(one => one.placeholder)") == [
        str(end) for end in ends
    ]
    low, high = (moment("2024-01-01"), moment("2025-01-01") - 1) if attribute == "date_ts" else (2024, 2024)
    page.run(RANGE.replace("LOW", str(low)).replace("HIGH", str(high)))
    assert page.texts("#hits b") == page.titles(year="2024", sort="newest") != []


def test_numeric_menu_narrows_by_a_range(page: Page) -> None:
    items = "[{label: 'Before', end: 2023}, {label: 'Then', start: 2024, end: 2024}, {label: 'Later', start: 2025}]"
    page.start(HITS, ALL, f"numericMenu({{container: at('menu'), attribute: 'year', items: {items}}})")
    for label, asked in (("Before", {"before": "2024"}), ("Then", {"year": "2024"}), ("Later", {"after": "2025"})):
        page.click(".ais-NumericMenu-label", label)
        assert page.texts("#hits b") == page.titles(sort="newest", **asked) != []


def test_configure_sets_filters(page: Page) -> None:
    page.start(
        HITS, "configure({hitsPerPage: 100, filters: 'tags:search AND (year:2024 OR year:2025) AND NOT lang:de'})"
    )
    found = [*page.api(tag="search", year=["2024", "2025"], sort="newest")["results"]]
    german = page.titles(lang="de")
    assert page.texts("#hits b") == [hit["title"] for hit in found if hit["title"] not in german] != []


def test_dynamic_widgets_show_what_is_worth_choosing_from(page: Page) -> None:
    fallback = "({attribute, container}) => widgets.refinementList({attribute, container, limit: 100})"
    page.start(BOX, STATS, f"dynamicWidgets({{container: at('all'), widgets: [], fallbackWidget: {fallback}}})")
    page.type("search")
    shown = page.run("return [...document.querySelectorAll('#all .ais-RefinementList')].length")
    answer = page.api(q="search", facets="tags,categories,authors,years,languages")
    assert shown == len([name for name, values in answer["facets"].items() if values])
    every = [one["value"] for name in ("categories", "tags", "authors", "years") for one in answer["facets"][name]]
    assert set(every) <= {*page.texts("#all .ais-RefinementList-labelText")}
    page.click("#all .ais-RefinementList-label", "ranking")
    assert page.texts(".ais-Stats-text")[0].startswith(f"{page.api(q='search', tag='ranking')['total']} results")


def test_infinite_hits_stand_beside_dynamic_widgets(page: Page) -> None:
    fallback = "({attribute, container}) => widgets.menu({attribute, container})"
    hits = "infiniteHits({container: at('hits'), templates: {item: (hit, {html}) => html`<b>${hit.title}</b>`}})"
    page.start(SMALL, hits, f"dynamicWidgets({{container: at('all'), widgets: [], fallbackWidget: {fallback}}})")
    assert page.texts("#hits b") == page.titles(sort="newest")[:5]


def test_what_cannot_be_had_is_said(page: Page) -> None:
    page.open()
    told = page.tell("await start([widgets.configure({filters: 'tags:a OR year > 2020'})])")
    assert any("OR joins values" in trouble for trouble in told["troubles"])
