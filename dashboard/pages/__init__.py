"""The pages, in the order of the navigation."""

from dashboard.pages.adoption import PAGE as ADOPTION
from dashboard.pages.costs import PAGE as COSTS
from dashboard.pages.data import PAGE as DATA
from dashboard.pages.models import PAGE as MODELS
from dashboard.pages.overview import PAGE as OVERVIEW
from dashboard.pages.plans import PAGE as PLANS

PAGES = (OVERVIEW, ADOPTION, COSTS, MODELS, PLANS, DATA)
