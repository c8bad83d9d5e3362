from django.apps import AppConfig


class KolsConfig(AppConfig):
    name = "kols"
