"""The pages about experts."""

from kols.views.directory import kol_export, kol_list, search
from kols.views.profile import kol_detail

__all__ = ["kol_detail", "kol_export", "kol_list", "search"]
