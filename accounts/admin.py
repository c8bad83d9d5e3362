"""The technical admin: accounts and the company's shape, read only. No regulated record has a page here."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.models import Market, Territory, TerritoryRegion, User


class ReadOnly:
    """Changes are made by the actions, which leave their trail."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("email", "name", "is_active", "is_staff", "created_at")
    search_fields = ("email", "family_name")
    fields = (
        "email",
        "title",
        "given_name",
        "family_name",
        "is_active",
        "is_staff",
        "last_login",
        "created_at",
    )


@admin.register(Market)
class MarketAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("code", "name", "zone", "calendar", "active")


class Regions(ReadOnly, admin.TabularInline):
    model = TerritoryRegion
    extra = 0


@admin.register(Territory)
class TerritoryAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("name", "side", "market", "parent")
    inlines = (Regions,)
