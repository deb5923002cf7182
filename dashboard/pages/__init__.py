"""The pages, in the order of the navigation."""

from dashboard.pages.adoption import PAGE as ADOPTION
from dashboard.pages.costs import PAGE as COSTS
from dashboard.pages.data import PAGE as DATA
from dashboard.pages.faculty import PAGE as FACULTY
from dashboard.pages.invoices import PAGE as INVOICES
from dashboard.pages.methodology import page as methodology_of
from dashboard.pages.models import PAGE as MODELS
from dashboard.pages.overview import PAGE as OVERVIEW
from dashboard.pages.plans import PAGE as PLANS

_BEFORE = (OVERVIEW, ADOPTION, COSTS, FACULTY, MODELS, PLANS, INVOICES, DATA)
PAGES = (*_BEFORE, methodology_of(_BEFORE))
