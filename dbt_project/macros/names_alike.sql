{#- What an employer is called without blanks, brackets and the form of the company. -#}
{% macro employer_norm(column) -%}
    nullif(regexp_replace({{ column }}, '[[:space:]()（）]|有限责任公司|有限公司|公司', '', 'g'), '')
{%- endmacro %}

{#- What a place is called without the words for what it is and for its office. -#}
{% macro place_norm(column) -%}
    regexp_replace({{ column }}, '(街道办事处|街道|镇|乡|村|社区|区|县)?(民委员会|委会|人民政府|政府)?$', '')
{%- endmacro %}
