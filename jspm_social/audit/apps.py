from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "jspm_social.audit"
    label = "audit"
    verbose_name = "監査記録"
