"""The outline icons the product uses, by their Tabler name. `manage.py fetch_assets` builds the sprite from this list."""

ICONS: tuple[str, ...] = tuple(
    sorted(
        """
        adjustments-horizontal alert-circle alert-triangle archive arrow-back-up arrow-down arrow-down-right
        arrow-left arrow-right arrow-up arrow-up-right arrows-right-left arrows-sort ban bell books building
        building-hospital bulb calendar calendar-event calendar-plus certificate chart-bar check chevron-down
        chevron-left chevron-right chevron-up circle-check clipboard-check clock cloud-check cloud-off copy
        database-import device-desktop device-floppy dots download external-link eye eye-off file-import
        file-spreadsheet file-text filter fingerprint flag flask gavel git-compare help-circle history hourglass
        id inbox info-circle key language link list list-check lock logout mail map-2 map-pin map-search menu-2
        message-2-question microphone minus moon notes pencil phone player-stop plus presentation-analytics
        printer refresh report-medical rosette-discount-check route scale search send settings shield-check
        shield-lock signature star stethoscope sun table target trash upload urgent user user-check user-plus
        user-question users video world x
        """.split()
    )
)
